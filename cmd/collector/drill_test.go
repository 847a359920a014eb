package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/devo-s3/collector/cmd/collector/stack"
	"github.com/devo-s3/collector/local"
)

// A drill is a deployment that somebody breaks, and a person on call who has
// CloudWatch, the commands, and docs/operations.md.
type drill struct {
	*duty
	watch *cloudWatch
	rang  map[string]bool // the alarms that began
	put   int             // objects so far, of one record each
}

func newDrill(t *testing.T) *drill {
	t.Helper()
	d := &drill{watch: newCloudWatch(t), rang: make(map[string]bool)}
	d.duty = newDuty(t, func(du *duty) {
		du.line = func(line []byte) {
			du.mu.Lock()
			defer du.mu.Unlock()
			d.watch.put(line)
		}
		du.ended = func(e local.Ended) {
			du.mu.Lock()
			defer du.mu.Unlock()
			failed := 0.0
			if e.Err != nil {
				failed = 1
			}
			for name, v := range map[string]float64{"Invocations": 1, "Errors": failed} {
				d.watch.add(local.Datum{
					Namespace: "AWS/Lambda", Name: name, Dimensions: map[string]string{"FunctionName": "devo-s3-collector-acme"},
					Time: du.Account.Clock().Now(), Values: []float64{v},
				})
			}
		}
	})
	return d
}

// minutes pass, each with a new object in two buckets; the options are of those
// in the first.
func (d *drill) minutes(n int, options ...local.PutOption) {
	d.Helper()
	for range n {
		d.object(0, options...)
		d.object(1)
		d.quiet(1)
	}
}

// quiet minutes pass.
func (d *drill) quiet(n int) {
	d.Helper()
	for range n {
		minute(d.T, d.Stack)
		d.mu.Lock()
		for _, name := range d.watch.evaluate(d.Account.Clock().Now()) {
			d.rang[name] = true
		}
		d.mu.Unlock()
	}
}

// hour passes quickly.
func (d *drill) hour() {
	d.Helper()
	d.minutes(1)
	d.Account.Clock().Advance(time.Hour)
	d.minutes(1)
}

func (d *drill) object(feed int, options ...local.PutOption) {
	d.Helper()
	d.put++
	if err := d.Account.Put(d.Feeds[feed].Bucket, fmt.Sprintf("app/prod/%04d.log", d.put), fmt.Appendf(nil, "record %d\n", d.put), options...); err != nil {
		d.Fatal(err)
	}
}

// sees checks which alarms began, and what doctor finds wrong.
func (d *drill) sees(alarms []string, wrong ...string) {
	d.Helper()
	d.mu.Lock()
	for _, a := range alarms {
		if !d.rang[a] {
			d.Errorf("alarm %s did not begin; %v did", a, d.rang)
		}
	}
	if len(alarms) == 0 && len(d.rang) > 0 {
		d.Errorf("%v began", d.rang)
	}
	d.mu.Unlock()
	found := d.wrong(1)
	for _, w := range wrong {
		if !slices.ContainsFunc(found, func(line string) bool { return strings.Contains(line, w) }) {
			d.Errorf("doctor does not say %q; it says %q", w, found)
		}
	}
}

// wrong are doctor's lines of what is wrong, each with what to do.
func (d *drill) wrong(code int) (lines []string) {
	d.Helper()
	checks, _ := d.json(code, "doctor")["checks"].([]any)
	for _, c := range checks {
		c := c.(map[string]any)
		if c["status"] == "wrong" {
			lines = append(lines, fmt.Sprint(c["check"], ": ", c["of"], ": ", c["says"], " | ", c["mend"]))
		}
	}
	return lines
}

// well waits until the delays are over, and checks that doctor is content, all
// alarms have ended and every record has arrived, once.
func (d *drill) well() {
	d.Helper()
	for range 90 {
		if d.quiet(1); d.over() {
			break
		}
	}
	d.drain()
	if wrong := d.wrong(0); len(wrong) > 0 {
		d.Errorf("doctor still says %q", wrong)
	}
	records := d.records()
	for i := range d.put {
		if n := records[fmt.Sprint("my.app.acme.prod record ", i+1)]; n != 1 {
			d.Errorf("record %d arrived %d times", i+1, n)
		}
	}
	if !d.over() {
		d.Errorf("alarms are still on: %v", d.watch.on)
	}
}

// over tells whether all alarms have.
func (d *drill) over() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return !slices.Contains(slices.Collect(maps.Values(d.watch.on)), true)
}

// reader changes the customer's role.
func (d *drill) reader(change func(*local.Role)) {
	role := d.Account.Role(stack.ReaderRole)
	change(&role)
	d.Account.CreateRole(role)
	d.Account.ExpireSessions()
}

// notify replaces a bucket's notifications, as a careless tool does.
func (d *drill) notify(bucket string, queues ...types.QueueConfiguration) {
	d.Helper()
	root := d.Account.Root()
	client := s3.New(s3.Options{
		Region: stack.Region, BaseEndpoint: aws.String(d.Account.Endpoint()), UsePathStyle: true,
		Credentials: credentials.NewStaticCredentialsProvider(root.AccessKeyID, root.SecretAccessKey, ""),
	})
	_, err := client.PutBucketNotificationConfiguration(d.Context(), &s3.PutBucketNotificationConfigurationInput{
		Bucket: &bucket, NotificationConfiguration: &types.NotificationConfiguration{QueueConfigurations: queues},
	})
	if err != nil {
		d.Fatal(err)
	}
}

func (d *drill) secret(cert, key []byte) {
	d.Helper()
	if _, err := d.PutKeyPair(cert, key); err != nil {
		d.Fatal(err)
	}
}

// redeploy ends the processes when they are next used: they read a refused key
// pair once a minute, and minutes are short here.
func (d *drill) redeploy() {
	d.mu.Lock()
	defer d.mu.Unlock()
	left := processes
	d.started = func(s local.Started) {
		d.mu.Lock()
		defer d.mu.Unlock()
		if left--; left >= 0 {
			go d.Function.Kill(s.RequestID)
		}
	}
}

// TestDrill breaks what a deployment depends on, one thing after the other. Each
// is found by an alarm of the synthesised stack or a line of doctor, or both,
// and mended by what the runbook says there.
func TestDrill(t *testing.T) {
	for _, c := range []struct {
		name string
		run  func(*drill)
	}{
		{"the role", func(d *drill) {
			d.reader(func(r *local.Role) { r.Trust.ExternalID = "another" })
			d.minutes(21)
			d.sees([]string{"delivered-nothing", "failing"}, "role: "+stack.ReaderRole+": the function may not assume it")
			d.reader(func(r *local.Role) { r.Trust.ExternalID = stack.ExternalID })
		}},
		{"the role's external id", func(d *drill) {
			d.reader(func(r *local.Role) { r.Trust.ExternalID = "" })
			d.minutes(3)
			d.sees(nil, "role: "+stack.ReaderRole+": can be assumed WITHOUT the external id")
			d.reader(func(r *local.Role) { r.Trust.ExternalID = stack.ExternalID })
		}},
		{"the key", func(d *drill) {
			const key = "arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-0000-4000-8000-0a1b2c3d4e5f"
			d.minutes(21, local.WithKMSKey(key))
			d.sees([]string{"failing"}, "kms: s3://acme-logs/: ")
			d.reader(func(r *local.Role) {
				r.Allow = append(slices.Clone(r.Allow), local.Statement{Actions: []string{"kms:Decrypt"}, Resources: []string{key}})
			})
		}},
		{"the notification", func(d *drill) {
			d.notify("acme-logs")
			d.minutes(3)
			d.sees(nil, "notification: acme-logs: does not tell queue devo-s3-acme-logs of new objects")
			d.notify("acme-logs", types.QueueConfiguration{QueueArn: &d.Feeds[0].ARN, Events: []types.Event{"s3:ObjectCreated:*"}})
			d.quiet(20) // audit leaves alone what may be on its way
			d.json(0, "audit", "--since=3h", "--send")
		}},
		{"the certificate's end", func(d *drill) {
			cert, key, err := d.Authority.ClientUntil("acme", time.Now().Add(5*24*time.Hour))
			if err != nil {
				d.Fatal(err)
			}
			d.secret(cert, key)
			d.hour()
			d.sees([]string{"certificate"}, "secret: "+stack.SecretName+": the certificate is good for 4 days only")
			if cert, key, err = d.Authority.Client("acme"); err != nil {
				d.Fatal(err)
			}
			d.secret(cert, key)
			d.hour()
		}},
		{"the certificate", func(d *drill) {
			cert, key, err := d.Authority.Client("acme")
			if err != nil {
				d.Fatal(err)
			}
			d.Receiver.Admit(cert)
			d.minutes(16)
			d.sees([]string{"breaker-open"}, "refuses our certificate")
			d.secret(cert, key)
			d.redeploy()
		}},
		{"a poisonous message", func(d *drill) {
			if err := d.Account.Send(d.Feeds[0].ARN, "poison"); err != nil {
				d.Fatal(err)
			}
			d.minutes(14)
			d.sees([]string{"dlq"}, "dlq: devo-s3-acme-logs-dlq: has about 1 dead letters")
			d.json(0, "dlq", "drop", "--kind=malformed", "--yes")
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := newDrill(t)
			d.minutes(7)
			clear(d.rang) // until watch has run for a while, it is silent
			if wrong := d.wrong(0); len(wrong) > 0 {
				t.Fatalf("before anything is broken: %q", wrong)
			}
			c.run(d)
			d.well()
		})
	}
}
