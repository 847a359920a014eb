//go:build moto

package account

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/devo-s3/collector/delivery"
	"github.com/devo-s3/collector/events"
	"github.com/devo-s3/collector/internal/emulator"
	"github.com/devo-s3/collector/telemetry"
	"github.com/devo-s3/collector/watch"
)

// others are the emulators that are not ours.
var others = map[string]func(*testing.T) (endpoint string){
	"moto":      func(t *testing.T) string { return emulator.Moto(t, "..") },
	"ministack": func(t *testing.T) string { return emulator.Ministack(t, "..", emulator.Address(t)) },
}

// TestOracleLedger has others say what DynamoDB makes of our conditions.
func TestOracleLedger(t *testing.T) {
	for name, start := range others {
		t.Run(name, func(t *testing.T) {
			endpoint := start(t)
			b := on(t, endpoint)
			testLedger(b)
			testConditionalWrites(b, endpoint)
		})
	}
}

func testLedger(b *bench) {
	t := b.T
	l := b.Ledger(LedgerOptions{Table: table, Keep: time.Hour})
	b.check(l.Sync(t.Context()))
	if d := time.Until(l.Now()).Abs(); d > 3*time.Second {
		t.Errorf("the ledger's time is %s off", d)
	}

	first := b.claim(l, "a")
	wantClaim(t, first, delivery.Claim{ID: object, Owner: "a", Revision: 1})
	_, err := l.Claim(t.Context(), object, "b", lease)
	wantKind(t, err, delivery.Claimed, "held by a until")
	first = b.advance(l, first, halfway)
	b.check(l.Release(t.Context(), first))

	second := b.claim(l, "b")
	wantClaim(t, second, delivery.Claim{ID: object, Owner: "b", Revision: 4, Position: halfway})
	wantKind(t, advanceError(l, first, halfway), delivery.LedgerFailed, "lost the lease to b")
	wantKind(t, l.Done(t.Context(), first, halfway), delivery.LedgerFailed, "lost the lease to b")
	end := delivery.Position{Next: 9000, Fingerprint: "json 1"}
	b.check(l.Done(t.Context(), second, end))
	b.check(l.Done(t.Context(), second, end)) // its answer may have been lost
	wantClaim(t, b.claim(l, "c"), delivery.Claim{ID: object, Done: true, Position: end})

	expired := b.Ledger(LedgerOptions{Table: table, Keep: -time.Hour})
	other := object
	other.Generation = 7
	held, err := expired.Claim(t.Context(), other, "a", -time.Minute)
	b.check(err)
	b.check(expired.Done(t.Context(), held, end))
	again, err := l.Claim(t.Context(), other, "b", lease)
	b.check(err)
	wantClaim(t, again, delivery.Claim{ID: other, Owner: "b", Revision: 1})

	// A revision that is behind, an entry of an older version, a position that
	// would go back.
	third := object
	third.Generation = 8
	c, err := l.Claim(t.Context(), third, "a", lease)
	b.check(err)
	behind := c
	c = b.advance(l, c, at(100))
	wantClaim(t, b.advance(l, behind, at(100)), c) // our own lost answer
	wantKind(t, advanceError(l, behind, at(99)), delivery.LedgerFailed, "must not go back")
	wantKind(t, advanceError(l, c, at(99)), delivery.LedgerFailed, "must not go back")
	ahead := c
	ahead.Revision = 9
	wantKind(t, advanceError(l, ahead, at(101)), delivery.LedgerFailed, "revision 2, not at 9")
	reset := at(7)
	reset.Fingerprint = "json 2"
	b.check(l.Done(t.Context(), b.advance(l, c, reset), reset))
	o := readOlder(t)
	b.writeItem(o, "released", l.Now())
	older, err := l.Claim(t.Context(), o.identity("released"), "a", lease)
	b.check(err)
	if older.Revision != 1 || older.Position.Next != 3 {
		t.Errorf("claim of an older version's entry: %+v", older)
	}
	older.Position.Next++
	b.check(l.Done(t.Context(), b.advance(l, older, older.Position), older.Position))

	b.check(b.Health(table).SaveBookmarks(t.Context(), vendor, watch.Bookmarks{}, marked("", 2, 3, 10)))
	b.check(b.Health(table).SaveBookmarks(t.Context(), vendor, b.bookmarks("org/0000/", "org/0001/"), marked("", 0, 0, 0)))
	if left := b.bookmarks("org/0000/"); len(left.Folders) != 0 || left.Version != 3 {
		t.Errorf("bookmarks %+v", left)
	}

	health := b.Health(table)
	b.check(health.Add(t.Context(), telemetry.Health{Attempts: 3, Confirmed: 2}))
	b.check(health.Add(t.Context(), telemetry.Health{Attempts: 1}))
	if got, err := health.Health(t.Context(), health.Now().Unix()/60); err != nil || got.Attempts > 4 || got.Confirmed > 2 || got.Attempts == 0 {
		t.Errorf("%+v, %v", got, err)
	}
	testEndpoints(t, b.Endpoints(table), b.Endpoints(table))
}

func TestMotoStore(t *testing.T) {
	b := on(t, emulator.Moto(t, ".."))
	client := s3.NewFromConfig(b.config, func(o *s3.Options) { o.UsePathStyle = true })
	put := func(bucket, body string, more ...func(*s3.PutObjectInput)) {
		t.Helper()
		in := &s3.PutObjectInput{Bucket: &bucket, Key: aws.String("logs/a b+c"), Body: strings.NewReader(body)}
		for _, f := range more {
			f(in)
		}
		must(client.PutObject(t.Context(), in))
	}
	for _, name := range []string{bucket, "versions"} {
		must(client.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: &name}))
	}
	must(client.PutBucketVersioning(t.Context(), &s3.PutBucketVersioningInput{
		Bucket: aws.String("versions"), VersioningConfiguration: &s3types.VersioningConfiguration{Status: s3types.BucketVersioningStatusEnabled},
	}))
	store := b.Store(Access{RoleARN: reader, ExternalID: externalID})
	for _, name := range []string{bucket, "versions"} {
		t.Run(name, func(t *testing.T) {
			versioned := name == "versions"
			put(name, "0123456789")
			o := events.Object{Bucket: name, Key: "logs/a b+c", Size: -1}
			first, text := b.readAll(store, o, 0)
			if text != "0123456789" || first.Size != 10 || first.ETag != "781e5e245d69b566979b86e28d23f2c7" || (first.VersionID != "") != versioned {
				t.Fatalf("%q of %+v", text, first)
			}
			o.VersionID, o.ETag, o.Size = first.VersionID, first.ETag, first.Size
			if _, text := b.readAll(store, o, 4); text != "456789" {
				t.Errorf("from byte 4: %q", text)
			}
			put(name, "another one")
			body, err := store.Open(t.Context(), o, 0, -1)
			switch {
			case versioned && err == nil:
				body.Close()
			case versioned, !errors.Is(err, delivery.ErrSuperseded):
				t.Errorf("overwritten: %v", err)
			}
			deleted := must(client.DeleteObject(t.Context(), &s3.DeleteObjectInput{Bucket: &name, Key: &o.Key}))
			_, err = store.Open(t.Context(), events.Object{Bucket: name, Key: o.Key}, 0, -1)
			wantKind(t, err, delivery.NotFound)
			if versioned {
				_, err = store.Open(t.Context(), events.Object{Bucket: name, Key: o.Key, VersionID: *deleted.VersionId}, 0, -1)
				wantKind(t, err, delivery.NotFound)
			}
		})
	}
	_, err := store.Open(t.Context(), events.Object{Bucket: "nowhere", Key: "k"}, 0, -1)
	wantKind(t, err, delivery.NotFound)
	put(bucket, "cold", func(in *s3.PutObjectInput) { in.StorageClass = s3types.StorageClassGlacier })
	_, err = store.Open(t.Context(), events.Object{Bucket: bucket, Key: "logs/a b+c"}, 0, -1)
	wantKind(t, err, delivery.Archived)
}
