package account

import (
	"errors"
	"log/slog"
	"maps"
	"net/http"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/devo-s3/collector/delivery"
	"github.com/devo-s3/collector/telemetry"
	"github.com/devo-s3/collector/watch"
)

// on is an Account on an emulator that is not ours, with the ledger's table. It
// cannot move its time.
func on(t *testing.T, endpoint string) *bench {
	t.Helper()
	for name, value := range map[string]string{
		"AWS_ENDPOINT_URL": endpoint, "AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test",
		"AWS_SESSION_TOKEN": "", "AWS_PROFILE": "", "AWS_EC2_METADATA_DISABLED": "true", "AWS_NEW_RETRIES_2026": "true",
	} {
		t.Setenv(name, value)
	}
	b := &bench{T: t, Account: must(New(t.Context(), Options{Customer: "acme", Log: slog.New(slog.DiscardHandler)}))}
	must(b.dynamodb().CreateTable(t.Context(), &dynamodb.CreateTableInput{
		TableName: aws.String(table), BillingMode: types.BillingModePayPerRequest,
		KeySchema:            []types.KeySchemaElement{{AttributeName: aws.String("id"), KeyType: types.KeyTypeHash}},
		AttributeDefinitions: []types.AttributeDefinition{{AttributeName: aws.String("id"), AttributeType: types.ScalarAttributeTypeS}},
	}))
	return b
}

// A fault is what happens to each conditional write of a test.
type fault string

const (
	none fault = "none"
	cut  fault = "its answer is cut"              // after it was carried out
	late fault = "it is carried out again, later" // after what followed it
)

// A faulty makes writes on b's table, each with a fault.
type faulty struct {
	*bench
	fault
	cutter *cutter
	late   *lateClient
}

// faulty is b behind a proxy that cuts, and with a client that keeps back.
func (b *bench) faulty(endpoint string, f fault) *faulty {
	b.Helper()
	one := &faulty{bench: b, fault: f, cutter: b.cutting(endpoint)}
	one.late = &lateClient{HTTPClient: b.config.HTTPClient}
	b.config.HTTPClient = one.late
	return one
}

// write makes one conditional write, of that action; what was kept back of those
// before is carried out behind it, is refused and changes nothing.
func (f *faulty) write(what, action, id string, do func() error) {
	f.Helper()
	switch f.fault {
	case cut:
		f.cutter.resetOnly(action, 1)
	case late:
		f.late.delay = action
	}
	if err := do(); err != nil {
		f.Errorf("%s: %v", what, err)
	}
	if f.fault == cut && f.cutter.calls < 2 {
		f.Errorf("%s: it was not tried again", what)
	}
	if f.fault != late {
		return
	}
	if f.late.delay != "" {
		f.Errorf("%s: no %s was kept back", what, action)
	}
	kept, before := len(f.late.kept), f.item(id)
	for _, status := range f.late.late(f.T) {
		if status != http.StatusBadRequest {
			f.Errorf("%s: what came late was answered %d", what, status)
		}
	}
	if diff := cmp.Diff(before, f.item(id), ignored); diff != "" || kept == 0 {
		f.Errorf("%s: %d late requests changed the item: %s", what, kept, diff)
	}
}

var ignored = cmpopts.IgnoreUnexported(
	types.AttributeValueMemberS{}, types.AttributeValueMemberN{}, types.AttributeValueMemberM{}, types.AttributeValueMemberL{},
	types.AttributeValueMemberB{}, types.AttributeValueMemberBOOL{})

func (f *faulty) item(id string) attributes {
	f.Helper()
	return must(f.dynamodb().GetItem(f.Context(), &dynamodb.GetItemInput{
		TableName: aws.String(table), Key: attributes{"id": text(id)}, ConsistentRead: aws.Bool(true),
	})).Item
}

// testConditionalWrites makes every conditional write of the table, with every
// fault, on a DynamoDB: the ledger's, and those of watch's memory.
func testConditionalWrites(b *bench, endpoint string) {
	for n, kind := range []fault{none, cut, late} {
		b.Run(string(kind), func(t *testing.T) {
			one := &bench{T: t, aws: b.aws, Account: b.Account, calls: make(map[string]int)}
			f := one.faulty(endpoint, kind)
			f.entries(n + 1)
			f.state()
			f.progress()
			f.endpoints(string(rune('a' + n)))
			f.folders(string(rune('a' + n)))
		})
	}
}

// entries takes an object through all that can become of its entry.
func (f *faulty) entries(generation int) {
	f.Helper()
	id := object
	id.Generation = generation
	l := f.ledger()
	var c delivery.Claim
	key := entryID(id)
	claim := func(owner string) func() error {
		return func() (err error) { c, err = l.Claim(f.Context(), id, owner, lease); return err }
	}
	advance := func(p delivery.Position) func() error {
		return func() (err error) { c, err = l.Advance(f.Context(), c, p); return err }
	}
	reset := at(7)
	reset.Fingerprint = "json 2"
	f.write("create", "PutItem", key, claim("a"))
	f.write("advance", "UpdateItem", key, advance(halfway))
	f.write("claim again", "UpdateItem", key, claim("a"))
	f.write("release", "UpdateItem", key, func() error { return l.Release(f.Context(), c) })
	wantKind(f.T, l.Done(f.Context(), delivery.Claim{ID: id, Owner: "z", Revision: c.Revision + 1}, halfway), delivery.LedgerFailed, "lost the lease to a")
	f.write("take", "UpdateItem", key, claim("b"))
	if diff := cmp.Diff(halfway, c.Position); diff != "" {
		f.Errorf("the position: %s", diff)
	}
	f.write("advance further", "UpdateItem", key, advance(at(5000)))
	wantKind(f.T, advanceError(l, c, at(4999)), delivery.LedgerFailed, "must not go back")
	f.write("begin anew with another parser", "UpdateItem", key, advance(reset))
	_, err := l.Claim(f.Context(), id, "a", lease)
	wantKind(f.T, err, delivery.Claimed, "held by b until")
	f.write("finish", "UpdateItem", key, func() error { return l.Done(f.Context(), c, reset) })
	wantKind(f.T, l.Release(f.Context(), delivery.Claim{ID: id, Owner: "a", Revision: 3}), delivery.LedgerFailed)
	if err := claim("c")(); err != nil || !c.Done || c.Position != reset {
		f.Errorf("%+v, %v", c, err)
	}
	if got := readNumber(f.item(key)["revision"]); got != 8 {
		f.Errorf("revision %d, want one for each of 8 writes", got)
	}
	if known, err := f.Entries(table).Look(f.Context(), []delivery.Identity{id}); err != nil || known[id] != Finished {
		f.Errorf("%v, %v", known, err)
	}
}

// orTaken is nil where a write's own lost answer may look like another run's
// write: watch then leaves all to its next run, which finds what was saved. So
// do the tests. An answer may get lost without a fault of ours, too.
func orTaken(err error) error {
	if errors.Is(err, watch.ErrTaken) {
		return nil
	}
	return err
}

func (f *faulty) state() {
	f.Helper()
	h := f.Health(table)
	before := must(h.State(f.Context()))
	for n := range 3 {
		want := watch.State{
			Version: before.Version, Open: n > 0, Successes: n, Since: 29_000_000 + int64(n),
			Held: map[string]watch.Hold{"a": watch.Pausing}, Missing: map[string]int64{"b": 28_999_999},
		}
		f.write("save the breaker's state", "PutItem", breakerID, func() error { return orTaken(h.Save(f.Context(), want)) })
		want.Version++
		if err := h.Save(f.Context(), before); !errors.Is(err, watch.ErrTaken) {
			f.Errorf("what another run saved is overwritten: %v", err)
		}
		if before = must(h.State(f.Context())); !cmp.Equal(before, want) {
			f.Errorf("state %+v, want %+v", before, want)
		}
	}
	minute := h.Now().Unix() / 60
	was := must(h.Health(f.Context(), minute))
	f.check(h.Add(f.Context(), telemetry.Health{Attempts: 3, Confirmed: 2, Unnotified: 1}))
	if now := must(h.Health(f.Context(), minute)); now.Attempts != was.Attempts+3 && h.Now().Unix()/60 == minute {
		f.Errorf("health %+v after %+v", now, was)
	}
}

func (f *faulty) progress() {
	f.Helper()
	h := f.Health(table)
	before := must(h.Progress(f.Context()))
	f.write("save the progress", "PutItem", progressID, func() error { return orTaken(h.SaveProgress(f.Context(), before)) })
	if err := h.SaveProgress(f.Context(), before); !errors.Is(err, watch.ErrTaken) {
		f.Errorf("what another run saved is overwritten: %v", err)
	}
}

func (f *faulty) endpoints(name string) {
	f.Helper()
	e := f.Endpoints(table)
	endpoint := name + ".devo.io:443"
	known := func(want bool) {
		f.Helper()
		if since := must(e.Notified(f.Context(), endpoint)); !since.IsZero() != want {
			f.Errorf("known since %v, want it known: %t", since, want)
		}
	}
	f.write("learn", "PutItem", endpointID(endpoint), func() error { _, err := e.Learn(f.Context(), endpoint); return err })
	known(true)
	f.write("forget", "PutItem", endpointID(endpoint), func() error { _, err := e.Forget(f.Context(), endpoint); return err })
	known(false)
}

func (f *faulty) folders(name string) {
	f.Helper()
	h := f.Health(table)
	arn := "arn:aws:s3:::" + name
	first, next := marked("", 1, 3, 10), marked("", 2, 4, 10)
	f.write("save the first head", "PutItem", listingID(arn), func() error { return orTaken(h.SaveBookmarks(f.Context(), arn, watch.Bookmarks{}, first)) })
	folders := []string{"org/0000/", "org/0001/"}
	for range 2 { // a saving that believes to have been taken is made whole by the next
		saved := must(h.Bookmarks(f.Context(), arn, folders))
		all := watch.Bookmarks{Since: saved.Since, Version: saved.Version, Folders: maps.Clone(next.Folders)}
		for folder, mark := range all.Folders {
			mark.Version = saved.Folders[folder].Version
			all.Folders[folder] = mark
		}
		f.write("save the bookmarks", "PutItem", folderID(arn, folders[0]), func() error { return orTaken(h.SaveBookmarks(f.Context(), arn, saved, all)) })
	}
	got := must(h.Bookmarks(f.Context(), arn, folders))
	for folder, mark := range next.Folders {
		if !got.Folders[folder].Equal(mark) {
			f.Errorf("%s: %+v", folder, got.Folders[folder])
		}
	}
	if err := h.SaveBookmarks(f.Context(), arn, watch.Bookmarks{Version: 1}, first); !errors.Is(err, watch.ErrTaken) && err == nil {
		f.Error("bookmarks of another run are overwritten")
	}
}

// TestConditionalWrites, on our own emulator; TestOracle… has others.
func TestConditionalWrites(t *testing.T) {
	b := newBench(t)
	testConditionalWrites(b, b.aws.Endpoint())
}
