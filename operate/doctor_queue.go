package operate

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/devo-s3/collector/account"
	"github.com/devo-s3/collector/config"
	"github.com/devo-s3/collector/operate/checkup"
)

const (
	// leastReceives is how many receives a message should have at least, and
	// receives how many the stacks give it.
	leastReceives = 5
	receives      = 10
)

// queue looks at one of the customer's queues, its policy and its DLQ.
func (d *Doctor) queue(ctx context.Context, q *config.Queue) []checkup.Check {
	role, externalID := d.queueRole(q)
	s, err := d.Account.QueueSettings(ctx, q.ARN, role, externalID)
	if err != nil {
		return []checkup.Check{
			checkup.Failed(checkup.Queue, q.Name(), err, "the customer: the queue must be there; docs/customer-guide.md"),
			d.dlq(ctx, q.DLQ, role, externalID),
		}
	}
	checks := []checkup.Check{d.settings(q, s), d.policy(q, s), d.dlq(ctx, q.DLQ, role, externalID)}
	if s.Key != "" {
		checks = append(checks, queueKey(q, s))
	}
	if d.Former(*q) {
		checks = append(checks, former(q, s.Depth, checks[2]))
	}
	return checks
}

// queueKey judges the KMS key that encrypts a queue. Who sends and who receives
// needs the key; its policy is the customer's alone to see.
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html
func queueKey(q *config.Queue, s account.QueueSettings) checkup.Check {
	c := checkup.Check{Name: checkup.KMS, Of: q.Name(), Status: checkup.Wrong}
	named := q.OwnKey() != "" && (s.Key == q.OwnKey() || strings.HasSuffix(q.OwnKey(), ":key/"+s.Key))
	switch {
	case s.Key == "alias/aws/sqs" || strings.HasSuffix(s.Key, ":alias/aws/sqs"):
		c.Says = "is encrypted with alias/aws/sqs, AWS's own key, which neither S3, SNS and EventBridge nor another account can use: no message arrives"
		c.Mend = fmt.Sprintf(`the customer: aws sqs set-queue-attributes --queue-url %s --attributes '{"KmsMasterKeyId":"","SqsManagedSseEnabled":"true"}'`, s.URL)
	case named || q.Encryption == "kms":
		c.Status, c.Says = checkup.Unseen, "is encrypted with "+s.Key+"; cannot see whether the key's policy lets the senders and the function use it"
		c.Mend = "the customer: docs/customer-guide.md has the key's policy"
	default:
		c.Says = "is encrypted with " + s.Key + ", which the file does not name, so the function has no right to decrypt with it"
		c.Mend = "write encryption: with the key's ARN into the file, and deploy both stacks"
	}
	return c
}

// former says whether a queue whose place another has taken is still needed.
func former(q *config.Queue, depth int64, dlq checkup.Check) checkup.Check {
	c := checkup.Check{Name: checkup.Queue, Of: q.Name(), Status: checkup.OK}
	if depth > 0 || dlq.Status != checkup.OK {
		c.Says = "another queue has taken its place; it and its DLQ are not known to be empty: leave it under was"
		return c
	}
	c.Says = "another queue has taken its place, and it and its DLQ are empty: if they were so yesterday, take it out of was and deploy, then delete both; docs/operations.md#rename-a-queue"
	return c
}

// continuation looks at the deployment's own queue.
func (d *Doctor) continuation(ctx context.Context) []checkup.Check {
	q := &config.Queue{ARN: d.Continuation, DLQ: d.ContinuationDLQ(), Visibility: 6 * d.Timeout}
	s, err := d.Account.QueueSettings(ctx, q.ARN, "", "")
	if err != nil {
		return []checkup.Check{checkup.Failed(checkup.Queue, q.Name(), err, d.deploy())}
	}
	return []checkup.Check{d.settings(q, s), d.dlq(ctx, q.DLQ, "", "")}
}

// settings judges visibility and redrive.
func (d *Doctor) settings(q *config.Queue, s account.QueueSettings) checkup.Check {
	c := checkup.Check{Name: checkup.Queue, Of: q.Name(), Status: checkup.Wrong}
	set := func(name, value string) string {
		return fmt.Sprintf(`aws sqs set-queue-attributes --queue-url %s --attributes '%s'`, s.URL, encoded(map[string]string{name: value}))
	}
	redrive := set("RedrivePolicy", encoded(map[string]any{"deadLetterTargetArn": q.DLQ, "maxReceiveCount": receives}))
	least := 6*d.Timeout + q.BatchWindow
	switch {
	case s.Visibility < least:
		c.Says = fmt.Sprintf("hides a message for %s, and it should be 6 times the function's timeout and the batch window, %s", s.Visibility, least)
		c.Mend = set("VisibilityTimeout", fmt.Sprint(max(q.Visibility, least).Seconds()))
	case s.DLQ == "":
		c.Says, c.Mend = "has no DLQ: what cannot be delivered is tried for ever, and then lost", redrive
	case s.DLQ != q.DLQ:
		c.Says = "gives up to " + s.DLQ + ", and the file's dlq is " + q.DLQ
		c.Mend = redrive + ", or write the other into the file"
	case s.MaxReceive < leastReceives:
		c.Says, c.Mend = fmt.Sprintf("gives a message up after %d receives: too soon for an outage", s.MaxReceive), redrive
	default:
		c.Status = checkup.OK
		c.Says = fmt.Sprintf("hides a message for %s, keeps it for %s, gives it up after %d receives; about %d in it", s.Visibility, whole(s.Retention), s.MaxReceive, s.Depth)
	}
	return c
}

// whole is d in days, if it is several.
func whole(d time.Duration) string {
	if days := d / (24 * time.Hour); days > 1 {
		return fmt.Sprintf("%d days", days)
	}
	return d.String()
}

// dlq looks whether it is there, and empty.
func (d *Doctor) dlq(ctx context.Context, dlq, role, externalID string) checkup.Check {
	s, err := d.Account.QueueSettings(ctx, dlq, role, externalID)
	if err != nil {
		return checkup.Failed(checkup.DLQ, lastOf(dlq), err, "it must be there: docs/customer-guide.md")
	}
	c := checkup.Check{Name: checkup.DLQ, Of: lastOf(dlq), Status: checkup.OK, Says: "is empty, and keeps a message for " + whole(s.Retention)}
	if s.Depth > 0 {
		c.Status, c.Says = checkup.Wrong, fmt.Sprintf("has about %d dead letters", s.Depth)
		c.Mend = "collector dlq list --config " + d.File + "; docs/operations.md#dlq"
	}
	return c
}

// policy judges who may come near a queue.
func (d *Doctor) policy(q *config.Queue, s account.QueueSettings) checkup.Check {
	c := checkup.Check{Name: checkup.QueuePolicy, Of: q.Name()}
	var p policy
	if err := json.Unmarshal([]byte(s.Policy), &p); err != nil && s.Policy != "" {
		c.Status, c.Says = checkup.Unseen, "cannot see: the policy is not understood: "+err.Error()
		return c
	}
	var lacks []string
	var add []any
	for _, need := range d.needs(q) {
		if !need.holds(p) {
			lacks, add = append(lacks, need.what), append(add, need.statement)
		}
	}
	if len(lacks) == 0 {
		c.Status, c.Says = checkup.OK, "lets send what should, the function receive and watch look, over TLS alone"
		return c
	}
	c.Status, c.Says = checkup.Wrong, "lacks: "+strings.Join(lacks, ", ")
	c.Mend = fmt.Sprintf("the customer, if no Deny forbids it: aws sqs set-queue-attributes --queue-url %s --attributes '%s'",
		s.URL, encoded(map[string]string{"Policy": p.with(add)}))
	return c
}

// A need is something that a queue's policy must hold.
type need struct {
	what      string
	holds     func(policy) bool
	statement map[string]any // that would do
}

var polls = []string{"sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ChangeMessageVisibility"}

func (d *Doctor) needs(q *config.Queue) []need {
	needs := []need{{
		what:      "use without TLS is denied",
		holds:     policy.deniesPlain,
		statement: map[string]any{"Sid": "TLSOnly", "Effect": "Deny", "Principal": "*", "Action": "sqs:*", "Resource": q.ARN, "Condition": map[string]any{"Bool": map[string]string{"aws:SecureTransport": "false"}}},
	}}
	// In Devo's account the roles' own policies suffice.
	if !q.InDevo(d.Config) {
		for _, who := range []struct {
			what, sid, role string
			actions         []string
		}{
			{"the function may receive, delete, look and delay", "Collector", d.ExecutionRoleARN(), polls},
			{"watch may look", "Watch", d.WatchRoleARN(), []string{"sqs:GetQueueAttributes"}},
		} {
			needs = append(needs, need{
				what: who.what,
				holds: func(p policy) bool {
					return !slices.ContainsFunc(who.actions, func(action string) bool { return !p.allows(byRole(who.role), action, q.ARN) })
				},
				statement: map[string]any{
					"Sid": who.sid, "Effect": "Allow", "Principal": map[string]string{"AWS": rootOf(who.role)}, "Action": who.actions, "Resource": q.ARN,
					"Condition": map[string]any{"ArnEquals": map[string]string{"aws:PrincipalArn": who.role}},
				},
			})
		}
	}
	if d.Former(*q) { // nothing new is sent to it
		return needs
	}
	return append(needs, d.senders(q)...)
}

// senders are those of the queue's buckets.
func (d *Doctor) senders(q *config.Queue) (needs []need) {
	const service = "s3.amazonaws.com"
	for _, b := range q.Buckets {
		if q.Delivery != "s3" {
			continue
		}
		needs = append(needs, need{
			what:  "S3 may send for bucket " + b.Name,
			holds: func(p policy) bool { return p.allows(byService(service, b.ARN(), b.Owner), "sqs:SendMessage", q.ARN) },
			statement: map[string]any{
				"Sid": "Bucket" + strings.NewReplacer(".", "", "-", "").Replace(b.Name), "Effect": "Allow", "Principal": map[string]string{"Service": service},
				"Action": "sqs:SendMessage", "Resource": q.ARN,
				"Condition": map[string]any{"ArnEquals": map[string]string{"aws:SourceArn": b.ARN()}, "StringEquals": map[string]string{"aws:SourceAccount": b.Owner}},
			},
		})
	}
	for i, service := range between(q) { // the topic's or rule's name is the customer's
		needs = append(needs, need{
			what:  service + " may send",
			holds: func(p policy) bool { return p.lets(service, "sqs:SendMessage", q.ARN) },
			statement: map[string]any{
				"Sid": fmt.Sprintf("Sender%d", i+1), "Effect": "Allow", "Principal": map[string]string{"Service": service}, "Action": "sqs:SendMessage", "Resource": q.ARN,
				"Condition": map[string]any{"ArnEquals": map[string]string{"aws:SourceArn": "THE-TOPIC'S-OR-RULE'S-ARN"}},
			},
		})
	}
	return needs
}

// between are the services that stand between the queue's buckets and the queue.
// SNS has another name for a topic of an opt-in region.
func between(q *config.Queue) (services []string) {
	switch q.Delivery {
	case "eventbridge":
		services = []string{"events.amazonaws.com"}
	case "sns":
		for _, region := range config.Regions(q.Buckets) {
			services = append(services, config.SNSPrincipal(region, q.Region()))
		}
	}
	slices.Sort(services)
	return slices.Compact(services)
}

// encoded is v, which can be, as JSON.
func encoded(v any) string {
	text, _ := json.Marshal(v)
	return string(text)
}
