package operate

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/smithy-go"

	"github.com/devo-s3/collector/account"
	"github.com/devo-s3/collector/account/function"
	"github.com/devo-s3/collector/account/senders"
	"github.com/devo-s3/collector/config"
	"github.com/devo-s3/collector/operate/checkup"
)

// patient is a deployment with a queue of each delivery.
func patient(t *testing.T) *Doctor {
	t.Helper()
	var file strings.Builder
	file.WriteString("customer: acme\nid: a1\naccount: \"999988887777\"\nregion: eu-west-1\ntimeout: 3m\ndevo: {endpoints: [\"devo.example:443\"], secret: acme}\nqueues:\n")
	for _, delivery := range []string{"s3", "sns", "eventbridge"} {
		fmt.Fprintf(&file, "  - arn: arn:aws:sqs:eu-west-1:111122223333:by-%s\n    role_arn: arn:aws:iam::111122223333:role/reader\n    external_id: abcdef\n    delivery: %s\n    buckets: [{name: logs-%s}]\n    sources: [aws_sqs_vpc]\n",
			delivery, delivery, delivery)
	}
	c, err := config.Parse("acme.yaml", []byte(file.String()))
	if err != nil {
		t.Fatal(err)
	}
	return &Doctor{Operator: Operator{Config: c}, File: "acme.yaml"}
}

func judge(t *testing.T, c checkup.Check, status checkup.Status, parts ...string) {
	t.Helper()
	if c.Status != status {
		t.Errorf("%s is %s: %s", c.Name, c.Status, c.Says)
	}
	for _, part := range parts {
		if !strings.Contains(c.Says+" | "+c.Mend, part) {
			t.Errorf("%q is not in %q, %q", part, c.Says, c.Mend)
		}
	}
}

// Doctor says when a queue whose place another has taken can go.
func TestWhenAFormerQueueCanGo(t *testing.T) {
	q := &patient(t).Queues[0]
	empty := checkup.Check{Status: checkup.OK}
	judge(t, former(q, 0, empty), checkup.OK, "are empty", "take it out of was")
	judge(t, former(q, 1, empty), checkup.OK, "leave it under was")
	judge(t, former(q, 0, checkup.Check{Status: checkup.Wrong}), checkup.OK, "leave it under was")
}

// A topic of an opt-in region sends under another name.
func TestTopicsOfOtherRegionsMaySend(t *testing.T) {
	d := patient(t)
	q := &d.Queues[1]
	q.Buckets = append(q.Buckets, config.Bucket{Name: "far", Owner: "111122223333", Region: "ap-east-1"})
	var got []string
	for _, n := range d.senders(q) {
		got = append(got, n.what)
		service, _, _ := strings.Cut(n.what, " ")
		var p policy
		text := fmt.Sprintf(`{"Statement": {"Effect": "Allow", "Principal": {"Service": %q}, "Action": "sqs:SendMessage", "Resource": %q}}`, service, q.ARN)
		if err := json.Unmarshal([]byte(text), &p); err != nil || !n.holds(p) {
			t.Errorf("%s: %v", n.what, err)
		}
	}
	if want := []string{"sns.amazonaws.com may send", "sns.ap-east-1.amazonaws.com may send"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestMappingThatLosesData(t *testing.T) {
	good := function.MappingSettings{ID: "u-1", Queue: "arn:aws:sqs:eu-west-1:111122223333:by-s3", State: "Enabled", Reports: true, BatchSize: 5, Concurrency: 10}
	q := &patient(t).Queues[0]
	for _, c := range []struct {
		name   string
		change func(*function.MappingSettings)
		paused bool
		status checkup.Status
		says   []string
	}{
		{"as it should be", func(*function.MappingSettings) {}, false, checkup.OK, []string{"enabled, batches of 5, 10 at once | "}},
		{"no partial-batch response", func(m *function.MappingSettings) { m.Reports = false }, false, checkup.Wrong, []string{"DATA LOSS", "--uuid u-1 --function-response-types ReportBatchItemFailures"}},
		{"a filter", func(m *function.MappingSettings) { m.Filtered = true }, false, checkup.Wrong, []string{"DATA LOSS", "--filter-criteria '{}'"}},
		{"disabled by a person", func(m *function.MappingSettings) { m.State = "Disabled" }, false, checkup.Wrong, []string{"by a person", "--uuid u-1 --enabled"}},
		{"paused by watch", func(m *function.MappingSettings) { m.State = "Disabling" }, true, checkup.OK, []string{"paused by watch"}},
		{"paused, and losing data", func(m *function.MappingSettings) { m.State, m.Reports = "Disabled", false }, true, checkup.Wrong, []string{"DATA LOSS"}},
		{"cannot poll", func(m *function.MappingSettings) { m.LastResult = "PROBLEM: access denied" }, false, checkup.Wrong, []string{"access denied", "#not-polled"}},
		{"not as in the file", func(m *function.MappingSettings) { m.BatchSize, m.Concurrency = 10, 0 }, false, checkup.OK, []string{"no limit at once", "the file has batches of 5"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := good
			c.change(&m)
			judge(t, mapping(m, q, c.paused), c.status, c.says...)
		})
	}
}

func TestQueueSettingsAreJudged(t *testing.T) {
	d := patient(t)
	q := &d.Queues[0]
	good := account.QueueSettings{URL: "https://q", Visibility: 18 * time.Minute, Retention: 7 * 24 * time.Hour, DLQ: q.DLQ, MaxReceive: 10}
	for _, c := range []struct {
		name   string
		change func(*account.QueueSettings)
		status checkup.Status
		says   []string
	}{
		{"as it should be", func(*account.QueueSettings) {}, checkup.OK, []string{"18m0s", "7 days", "after 10 receives"}},
		{"too short a visibility", func(s *account.QueueSettings) { s.Visibility = 17 * time.Minute }, checkup.Wrong, []string{"17m0s", `--queue-url https://q --attributes '{"VisibilityTimeout":"1080"}'`}},
		{"no DLQ", func(s *account.QueueSettings) { s.DLQ = "" }, checkup.Wrong, []string{"no DLQ", `\"maxReceiveCount\":10`, q.DLQ}},
		{"another DLQ", func(s *account.QueueSettings) { s.DLQ = "arn:aws:sqs:eu-west-1:111122223333:other" }, checkup.Wrong, []string{"gives up to", "other"}},
		{"given up too soon", func(s *account.QueueSettings) { s.MaxReceive = 4 }, checkup.Wrong, []string{"after 4 receives"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := good
			c.change(&s)
			judge(t, d.settings(q, s), c.status, c.says...)
		})
	}
}

// A queue whose key nobody may use is not ok.
func TestTheKeyOfAQueueIsJudged(t *testing.T) {
	const key = "arn:aws:kms:eu-west-1:111122223333:key/11112222-3333-4444-5555-666677778888"
	for _, c := range []struct {
		name, encryption, key string
		status                checkup.Status
		says                  []string
	}{
		{"AWS's own", "sqs", "alias/aws/sqs", checkup.Wrong, []string{"no message arrives", `"SqsManagedSseEnabled":"true"`}},
		{"AWS's own, by its ARN", "kms", "arn:aws:kms:eu-west-1:111122223333:alias/aws/sqs", checkup.Wrong, []string{"no message arrives"}},
		{"the file's", key, key, checkup.Unseen, []string{key, "policy"}},
		{"the file's, by its id", key, "11112222-3333-4444-5555-666677778888", checkup.Unseen, []string{"policy"}},
		{"the stack's", "kms", key, checkup.Unseen, []string{key}},
		{"another than the file's", key, "arn:aws:kms:eu-west-1:111122223333:key/other", checkup.Wrong, []string{"key/other", "the file does not name"}},
		{"one that the file knows nothing of", "sqs", key, checkup.Wrong, []string{"the file does not name"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			q := patient(t).Queues[0]
			q.Encryption = c.encryption
			judge(t, queueKey(&q, account.QueueSettings{URL: "https://q", Key: c.key}), c.status, c.says...)
		})
	}
}

// TestPolicyIsMendedByItsOwnAdvice: what doctor says to set is, when it was set,
// what it asks for, and keeps what was there.
func TestPolicyIsMendedByItsOwnAdvice(t *testing.T) {
	d := patient(t)
	for i := range d.Queues {
		q := &d.Queues[i]
		for name, have := range map[string]string{
			"no policy":         "",
			"one statement":     `{"Version":"2012-10-17","Id":"theirs","Statement":{"Sid":"Own","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:root"},"Action":"SQS:*","Resource":"` + q.ARN + `"}}`,
			"several":           `{"Statement":[{"Sid":"Own","Effect":"Deny","Principal":"*","NotAction":"sqs:*","Resource":"*"}]}`,
			"unknown condition": `{"Statement":[{"Sid":"Own","Effect":"Allow","Principal":"*","Action":"sqs:*","Resource":"*","Condition":{"IpAddress":{"aws:SourceIp":"192.0.2.1"}}}]}`,
		} {
			t.Run(q.Delivery+"/"+name, func(t *testing.T) {
				c := d.policy(q, account.QueueSettings{URL: "https://q", Policy: have})
				judge(t, c, checkup.Wrong, "TLS is denied", "the function may receive", "watch may look", "may send")
				_, attributes, _ := strings.Cut(c.Mend, "--attributes '")
				var set struct{ Policy string }
				if err := json.Unmarshal([]byte(strings.TrimSuffix(attributes, "'")), &set); err != nil {
					t.Fatalf("%v: %s", err, c.Mend)
				}
				judge(t, d.policy(q, account.QueueSettings{Policy: set.Policy}), checkup.OK)
				if have != "" && !strings.Contains(set.Policy, `"Own"`) {
					t.Errorf("what was there is gone: %s", set.Policy)
				}
			})
		}
	}
}

func TestPolicyOfOthersIsUnderstood(t *testing.T) {
	const queue = "arn:aws:sqs:eu-west-1:111122223333:q"
	role := byRole("arn:aws:iam::999988887777:role/devo-s3-collector-acme")
	s3 := byService("s3.amazonaws.com", "arn:aws:s3:::logs", "111122223333")
	for _, c := range []struct {
		name, statements string
		who              requester
		action           string
		want             bool
	}{
		{"a role by name", `{"Effect":"Allow","Principal":{"AWS":["arn:aws:iam::999988887777:role/devo-s3-collector-acme"]},"Action":["SQS:ReceiveMessage"],"Resource":"*"}`, role, "sqs:ReceiveMessage", true},
		{"another role", `{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::999988887777:role/other"},"Action":"sqs:*","Resource":"*"}`, role, "sqs:ReceiveMessage", false},
		{"an account by its number", `{"Effect":"Allow","Principal":{"AWS":"999988887777"},"Action":"sqs:Rec*","Resource":"` + queue + `"}`, role, "sqs:ReceiveMessage", true},
		{"another queue", `{"Effect":"Allow","Principal":"*","Action":"sqs:*","Resource":"` + queue + `2"}`, role, "sqs:ReceiveMessage", false},
		{"a deny", `{"Effect":"Allow","Principal":"*","Action":"sqs:*","Resource":"*"},{"Effect":"Deny","Principal":"*","Action":"sqs:DeleteMessage","Resource":"*"}`, role, "sqs:DeleteMessage", false},
		{"a deny of others", `{"Effect":"Allow","Principal":"*","Action":"sqs:*","Resource":"*"},{"Effect":"Deny","Principal":"*","Action":"sqs:*","Resource":"*","Condition":{"ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::999988887777:role/devo-*"}}}`, role, "sqs:DeleteMessage", true},
		{"the bucket, by a pattern", `{"Effect":"Allow","Principal":{"Service":"s3.amazonaws.com"},"Action":"sqs:SendMessage","Resource":"*","Condition":{"ArnLike":{"AWS:SourceArn":"arn:aws:s3:*:*:lo*"}}}`, s3, "sqs:SendMessage", true},
		{"another's bucket", `{"Effect":"Allow","Principal":{"Service":"s3.amazonaws.com"},"Action":"sqs:SendMessage","Resource":"*","Condition":{"StringEquals":{"aws:SourceAccount":"999999999999"}}}`, s3, "sqs:SendMessage", false},
		{"a condition that does not apply", `{"Effect":"Allow","Principal":"*","Action":"sqs:*","Resource":"*","Condition":{"StringEqualsIfExists":{"aws:VpcSourceIp":"10.0.0.1"}}}`, s3, "sqs:SendMessage", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			var p policy
			if err := json.Unmarshal([]byte(`{"Statement":[`+c.statements+`]}`), &p); err != nil {
				t.Fatal(err)
			}
			if got := p.allows(c.who, c.action, queue); got != c.want {
				t.Errorf("allows %s: %t", c.action, got)
			}
		})
	}
}

func TestNotificationMustCoverEveryKey(t *testing.T) {
	q := patient(t).Queues[0]
	to := func(queue, prefix, suffix string, events ...string) account.Notifications {
		return account.Notifications{To: []account.NotificationTo{{Queue: queue, Events: events, Prefix: prefix, Suffix: suffix}}}
	}
	b := config.Bucket{Name: "logs-s3", Prefixes: []string{"app/", "web/"}}
	hive := config.Bucket{Name: "logs-s3", Prefixes: []string{"aws-account-id=1/my logs"}, Suffixes: []string{"+.gz"}}
	for _, c := range []struct {
		name string
		n    account.Notifications
		b    config.Bucket
		want string
	}{
		{"all", to(q.ARN, "", "", "s3:ObjectCreated:*"), b, ""},
		{"only puts", to(q.ARN, "", "", "s3:ObjectCreated:Put"), b, "app/* web/*"},
		{"one prefix", to(q.ARN, "app/", "", "s3:ObjectCreated:*"), b, "web/*"},
		{"a suffix", to(q.ARN, "", ".gz", "s3:ObjectCreated:*"), b, "app/* web/*"},
		{"another queue", to(q.ARN+"2", "", "", "s3:ObjectCreated:*"), b, "app/* web/*"},
		{"encoded", to(q.ARN, "aws-account-id%3D1/my+logs", "%2B.gz", "s3:ObjectCreated:*"), hive, ""},
		{"shorter", to(q.ARN, "aws-account-id%3D", "", "s3:ObjectCreated:*"), hive, ""},
		{"plain", to(q.ARN, "aws-account-id=1/my logs", "+.gz", "s3:ObjectCreated:*"), hive, "aws-account-id=1/my logs*+.gz"},
		{"removals", to(q.ARN, "", "", "s3:ObjectRemoved:*"), b, "app/* web/*"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := strings.Join(lacking(c.n, &q, c.b, []hop{{to: q.ARN, status: checkup.OK}}, checkup.OK), " "); got != c.want {
				t.Errorf("lacks %q, want %q", got, c.want)
			}
		})
	}
}

// What a bucket announces to a topic, or to EventBridge, is ok only if it comes
// out at the queue.
func TestTheWayBehindANotificationIsJudged(t *testing.T) {
	d := patient(t)
	denied := &smithy.GenericAPIError{Code: "AccessDeniedException"}
	bySNS, byBridge := &d.Queues[1], &d.Queues[2]
	const arn = "arn:aws:sns:eu-west-1:111122223333:logs"
	subscribed := senders.Subscription{ARN: arn + ":1"}
	n := account.Notifications{EventBridge: true, To: []account.NotificationTo{{Topic: arn, Events: []string{"s3:ObjectCreated:*"}}}}
	filtered, pending := subscribed, subscribed
	filtered.Filter, pending.Pending = `{"x":["y"]}`, true
	some := []string{"app/sample"}
	for name, c := range map[string]struct {
		q      *config.Queue
		way    []hop
		status checkup.Status
		says   []string
	}{
		"subscribed":            {bySNS, []hop{topic(arn, bySNS, true, subscribed, nil)}, checkup.OK, []string{"tells a topic"}},
		"not subscribed":        {bySNS, []hop{topic(arn, bySNS, false, senders.Subscription{}, nil)}, checkup.Wrong, []string{"queue by-sns is not subscribed to " + arn}},
		"not confirmed":         {bySNS, []hop{topic(arn, bySNS, true, pending, nil)}, checkup.Wrong, []string{"is not confirmed"}},
		"a filter policy":       {bySNS, []hop{topic(arn, bySNS, true, filtered, nil)}, checkup.Wrong, []string{arn + ":1 has a filter policy"}},
		"not allowed to look":   {bySNS, []hop{topic(arn, bySNS, false, senders.Subscription{}, denied)}, checkup.Unseen, []string{"list-subscriptions-by-topic --topic-arn " + arn}},
		"a topic that is gone":  {bySNS, []hop{topic(arn, bySNS, false, senders.Subscription{}, &smithy.GenericAPIError{Code: "NotFoundException"})}, checkup.Wrong, []string{"NotFound"}},
		"out of reach":          {bySNS, []hop{topic(arn, bySNS, false, senders.Subscription{}, errors.New("no such host"))}, checkup.Unseen, []string{"no such host"}},
		"no topic":              {bySNS, nil, checkup.Wrong, []string{"app/*, web/*: nobody will hear of them"}},
		"every key by a rule":   {byBridge, []hop{{status: checkup.OK, keys: []string{"app/sample", "web/sample"}}}, checkup.OK, []string{"tells EventBridge"}},
		"some keys by a rule":   {byBridge, []hop{{status: checkup.OK, keys: some}}, checkup.Wrong, []string{"new objects web/*: nobody"}},
		"a rule that is off":    {byBridge, []hop{{status: checkup.Wrong, says: "rule logs is disabled"}}, checkup.Wrong, []string{"app/*, web/*", "rule logs is disabled"}},
		"rules that are hidden": {byBridge, []hop{{status: checkup.Unseen, says: "cannot see"}}, checkup.Unseen, []string{"cannot see"}},
		"no EventBridge":        {byBridge, nil, checkup.Wrong, []string{"app/*, web/*"}},
	} {
		t.Run(name, func(t *testing.T) {
			b := config.Bucket{Name: "logs", Prefixes: []string{"app/", "web/"}}
			judge(t, d.announced(c.q, b, n, c.way), c.status, c.says...)
		})
	}
}

// TestRunbookHasEveryCheck: the page's table names them all.
func TestRunbookHasEveryCheck(t *testing.T) {
	page, err := os.ReadFile("../docs/operations.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(page), "### collector doctor")
	section, _, _ = strings.Cut(section, "\n### ")
	for _, name := range checkup.Names {
		if !strings.Contains(section, "`"+name+"`") {
			t.Errorf("the runbook has no line for %s", name)
		}
	}
}
