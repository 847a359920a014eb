package main

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/devo-s3/collector/cmd/collector/stack"
	"github.com/devo-s3/collector/local"
)

const (
	vendorAccount = "222233334444"
	vendorBucket  = "vendor-objects"
	vendorFolder  = "2345678_0a1b/"
	vendorSecret  = "devo-s3-collector/acme-vendor"
)

// A vendor's queue and a vendor's bucket without one, through the real watch and
// the real function: their own roles open neither, the vendor's keys do.
func TestVendors(t *testing.T) {
	var mu sync.Mutex
	var records []string
	k, err := stack.Start(stack.Options{Bootstrap: bootstrap, Processes: 1, Receiver: local.ReceiverOptions{OnRecord: func(r local.Record) {
		mu.Lock()
		defer mu.Unlock()
		if string(r.Tag) != stack.HeartbeatTag {
			records = append(records, string(r.Tag)+" "+string(r.Raw))
		}
	}}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(k.Close)
	queue, keys := vendor(t, k)
	file := extend(t, k, fmt.Sprintf(`
  - arn: %[1]s
    keys: %[2]s
    buckets: [{name: %[3]s}]
    sources: [aws_sqs_fdr]
  - kind: listing
    keys: %[2]s
    buckets: [{name: %[3]s, prefixes: [%[4]s]}]
    sources: [aws_sqs_cisco_umbrella]
`, queue, vendorSecret, vendorBucket, vendorFolder))
	continuation := k.Feeds[len(k.Feeds)-1].ARN
	grant(k, continuation, keys)
	watch := launch(t, k, watchBootstrap, file, k.Account.CreateKey(stack.WatchRole))
	runWatch := func() {
		t.Helper()
		k.Account.Clock().Advance(time.Minute)
		if r, err := watch.Invoke(t.Context(), []byte("{}")); err != nil || r.FunctionError != "" {
			t.Fatalf("watch: %v %s %s", err, r.FunctionError, r.Payload)
		}
	}
	put := func(key, text string) {
		t.Helper()
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		_, _ = z.Write([]byte(text)) // a Buffer takes all
		_ = z.Close()
		if err := k.Account.Put(vendorBucket, key, b.Bytes()); err != nil {
			t.Fatal(err)
		}
	}

	put(vendorFolder+"dnslogs/2026-11-22/2026-11-22-23-50-0a1b.csv.gz", `"before the first listing"`)
	runWatch()
	const part = "data/0a1b2c3d-0000-4000-8000-0a1b2c3d4e5f/part-00000.gz"
	put(part, `{"event_simpleName":"DnsRequest","n":1}`+"\n"+`{"event_simpleName":"ProcessRollup2","n":2}`+"\n")
	put(vendorFolder+"dnslogs/2026-11-23/2026-11-23-00-00-0a1b.csv.gz", `"2026-11-23 00:00:01","one"`+"\n")
	put(vendorFolder+"proxylogs/2026-11-23/2026-11-23-00-00-0a1b.csv.gz", `"2026-11-23 00:00:02","two"`+"\n")
	if err := k.Account.Send(queue, fmt.Sprintf(`{"bucket":%q,"files":[{"path":%q}]}`, vendorBucket, part)); err != nil {
		t.Fatal(err)
	}
	runWatch()
	if left := k.Account.Messages(queue); len(left) > 0 {
		t.Errorf("%+v is left with the vendor", left)
	}
	runWatch()

	poll(t, k, continuation, launch(t, k, bootstrap, file, k.Key), 3)
	if left := k.Account.Messages(continuation); len(left) > 0 {
		t.Errorf("%+v is left", left)
	}
	mu.Lock()
	defer mu.Unlock()
	slices.Sort(records)
	want := []string{
		`edr.crowdstrike.cannon.dnsrequest {"event_simpleName":"DnsRequest","n":1}`,
		`edr.crowdstrike.cannon.processrollup2 {"event_simpleName":"ProcessRollup2","n":2}`,
		`sig.cisco.umbrella.dns "2026-11-23 00:00:01","one"`,
		`sig.cisco.umbrella.proxy "2026-11-23 00:00:02","two"`,
	}
	if !slices.Equal(records, want) {
		t.Errorf("%q arrived, want %q", records, want)
	}
}

// vendor makes another account with a queue and a bucket, and the secret with
// the keys of its user, who may open just these.
func vendor(t *testing.T, k *stack.Stack) (queue, secretARN string) {
	t.Helper()
	const user = "arn:aws:iam::" + vendorAccount + ":user/feed"
	queue = k.Account.CreateQueue("feed", local.QueueOptions{Owner: vendorAccount})
	if err := k.Account.CreateBucket(vendorBucket, local.BucketOptions{Owner: vendorAccount}); err != nil {
		t.Fatal(err)
	}
	k.Account.CreateRole(local.Role{ARN: user, Allow: []local.Statement{
		{Actions: []string{"sqs:ReceiveMessage", "sqs:DeleteMessage"}, Resources: []string{queue}},
		{Actions: []string{"s3:ListBucket"}, Resources: []string{"arn:aws:s3:::" + vendorBucket}},
		{Actions: []string{"s3:GetObject"}, Resources: []string{"arn:aws:s3:::" + vendorBucket + "/*"}},
	}})
	key := k.Account.CreateKey(user)
	return queue, k.Account.PutSecret(vendorSecret, fmt.Sprintf(`{"access_key_id": %q, "secret_access_key": %q}`, key.AccessKeyID, key.SecretAccessKey))
}

// grant lets both roles read the vendor's keys, and watch pass things on; neither
// may touch what is the vendor's.
func grant(k *stack.Stack, continuation, keys string) {
	for _, arn := range []string{stack.ExecutionRole, stack.WatchRole} {
		role := k.Account.Role(arn)
		role.Allow = append(slices.Clip(role.Allow),
			local.Statement{Actions: []string{"secretsmanager:GetSecretValue"}, Resources: []string{keys}},
			local.Statement{Actions: []string{"sqs:SendMessage"}, Resources: []string{continuation}})
		k.Account.CreateRole(role)
	}
}
