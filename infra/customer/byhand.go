package customer

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/devo-s3/collector/config"
	"github.com/devo-s3/collector/config/iam"
)

// A Step is what has to be added by hand to what is there already.
type Step struct {
	Account string
	Where   string // such as: the policy of the queue devo-logs
	What    any    // statements, or what put-bucket-notification-configuration takes
}

// ByHand is all that the deployment needs of what its stacks do not make: policy
// statements for queues, roles, keys and buckets that are there already, and the
// notifications of such buckets.
func ByHand(c *config.Config) (steps []Step) {
	add := func(account, where string, what any) { steps = append(steps, Step{account, where, what}) }
	for i := range c.Queues {
		q := &c.Queues[i]
		if q.Vendor() {
			continue
		}
		if !q.Makes("queue") {
			add(q.Account(), "the policy of the queue "+q.Name(), append(q.Senders(c), q.Policy(c)...))
			add(q.Account(), "the policy of the queue "+q.DLQName(), q.DLQPolicy(c))
		}
		if key := q.OwnKey(); key != "" {
			add(account(key), "the policy of the key "+key, q.KeyPolicy(c))
		}
		for _, b := range q.Buckets {
			if q.Makes("queue") && !b.Makes("bucket") {
				add(b.Owner, "the notifications of the bucket "+b.Name, newNotification(c, q, b).addition(q.Name()))
			}
			if delivery(q) == "eventbridge" && q.Far(b) && b.Owner != c.CustomerAccount() {
				add(b.Owner, "EventBridge in "+b.Region+", a rule with this pattern to the event bus "+q.BusARN(c), b.EventPattern())
			}
		}
	}
	for _, r := range c.Roles() {
		if !r.Made() {
			add(account(r.ARN), "the trust policy of the role "+r.ARN, []iam.Statement{r.Trust(c)})
			add(account(r.ARN), "a policy of the role "+r.ARN, r.Allows())
		}
		if r.Is == "reader" {
			steps = append(steps, elsewhere(r)...)
		}
	}
	return steps
}

// sids are the statements' names in a policy of others, by what they allow.
var sids = map[string]string{"s3:GetObject": "DevoReads", "s3:ListBucket": "DevoLists", "kms:Decrypt": "DevoDecrypts"}

// elsewhere are the statements for what the reader reads in other accounts,
// which must let it as well.
func elsewhere(r config.Role) (steps []Step) {
	for _, b := range r.Buckets() {
		one := config.Role{Is: "reader", Queues: []config.Queue{{Buckets: []config.Bucket{b}}}}
		var bucket, key []iam.Statement
		for _, s := range one.Allows() {
			s.Sid, s.Principal = sids[s.Action[0]], iam.Key{"AWS": r.ARN}
			if s.Action[0] == "kms:Decrypt" {
				s.Resource = []string{"*"} // in a key's policy: the key
				key = append(key, s)
				continue
			}
			bucket = append(bucket, s)
		}
		if b.Owner != account(r.ARN) {
			steps = append(steps, Step{b.Owner, "the policy of the bucket " + b.Name, bucket})
		}
		if b.KMSKey != "" && account(b.KMSKey) != account(r.ARN) {
			steps = append(steps, Step{account(b.KMSKey), "the policy of the key " + b.KMSKey, key})
		}
	}
	return steps
}

func account(arn string) string {
	a, _ := config.ParseARN(arn) // checked
	return a.Account
}

// Print writes the steps; nothing if there are none.
func Print(w io.Writer, customer string, steps []Step) error {
	if len(steps) == 0 {
		return nil
	}
	var text strings.Builder
	fmt.Fprintf(&text, "%s: to be added by hand, as docs/customer-guide.md says. Nothing there may be replaced.\n", customer)
	for i, s := range steps {
		fmt.Fprintf(&text, "\n%d. In account %s, to %s:\n   %s\n", i+1, s.Account, s.Where, layout(s.What, "   "))
	}
	_, err := io.WriteString(w, text.String())
	return err
}

// width is what lists and objects are put into one line for.
const width = 130

// layout is v, which this program wrote, as JSON to be read and copied.
func layout(v any, indent string) string {
	text, _ := json.MarshalIndent(v, indent, "  ")
	var lines []string
	var open []int
	for line := range strings.Lines(string(text)) {
		line = strings.TrimRight(line, "\n")
		lines = append(lines, line)
		switch trimmed := strings.TrimLeft(line, " "); {
		case strings.HasSuffix(line, "{") || strings.HasSuffix(line, "["):
			open = append(open, len(lines)-1)
		case trimmed[0] == '}' || trimmed[0] == ']':
			first := open[len(open)-1]
			open = open[:len(open)-1]
			if one := joined(lines[first:]); len(one) <= width {
				lines = append(lines[:first], one)
			}
		}
	}
	return strings.Join(lines, "\n")
}

// joined is a list or an object in one line.
func joined(lines []string) string {
	var inner []string
	for _, line := range lines[1 : len(lines)-1] {
		inner = append(inner, strings.TrimLeft(line, " "))
	}
	return lines[0] + strings.Join(inner, " ") + strings.TrimLeft(lines[len(lines)-1], " ")
}
