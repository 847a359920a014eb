package account

import (
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/devo-s3/collector/delivery"
	"github.com/devo-s3/collector/events"
	"github.com/devo-s3/collector/local"
)

// readAll opens an object and reads it to its end.
func (b *bench) readAll(s delivery.Store, o events.Object, offset int64) (*delivery.Body, string) {
	b.Helper()
	body, err := s.Open(b.Context(), o, offset, -1)
	b.check(err)
	defer body.Close()
	return body, string(must(io.ReadAll(body)))
}

func TestOpenTellsWhatItOpened(t *testing.T) {
	b := newBench(t)
	body, text := b.readAll(b.store(), b.put("logs/a+b ü.gz", "0123456789"), 0)
	const md5 = "781e5e245d69b566979b86e28d23f2c7"
	if text != "0123456789" || body.Size != 10 || body.ETag != md5 || body.VersionID != "" {
		t.Errorf("read %q of %+v", text, body)
	}
}

func TestOpenGoesOnWhereItIsTold(t *testing.T) {
	b := newBench(t)
	o, store := b.put("logs/a", "0123456789"), b.store()
	first, _ := b.readAll(store, o, 0)
	o.ETag, o.Size = first.ETag, first.Size
	for offset, want := range map[int64]string{0: "0123456789", 1: "123456789", 9: "9", 10: ""} {
		body, text := b.readAll(store, o, offset)
		if text != want || body.Size != 10 || body.ETag != first.ETag {
			t.Errorf("from byte %d: %q of %+v, want %q", offset, text, body, want)
		}
	}
	_, err := store.Open(t.Context(), o, 11, -1)
	wantKind(t, err, delivery.Internal, "InvalidRange")
}

func TestOpenGivesTheLengthAskedFor(t *testing.T) {
	b := newBench(t)
	o, store := b.put("logs/a", "0123456789"), b.store()
	for part, want := range map[[2]int64]string{{0, 3}: "012", {4, 2}: "45", {8, 9}: "89"} {
		body, err := store.Open(t.Context(), o, part[0], part[1])
		b.check(err)
		text := string(must(io.ReadAll(body)))
		body.Close()
		if text != want || body.Size != 10 {
			t.Errorf("%d bytes from byte %d: %q of %d, want %q of 10", part[1], part[0], text, body.Size, want)
		}
	}
}

func TestOverwrittenObjectIsSuperseded(t *testing.T) {
	b := newBench(t)
	o, store := b.put("logs/a", "0123456789"), b.store()
	first, _ := b.readAll(store, o, 0)
	o.ETag = first.ETag
	b.put("logs/a", "another one")
	for _, offset := range []int64{0, 5} {
		_, err := store.Open(t.Context(), o, offset, -1)
		if !errors.Is(err, delivery.ErrSuperseded) || !strings.Contains(err.Error(), "s3://acme-logs/logs/a") {
			t.Errorf("from byte %d: %v", offset, err)
		}
	}
}

func TestVersionIsOpenedWhateverCameLater(t *testing.T) {
	b := newBench(t)
	b.check(b.aws.CreateBucket("versions", local.BucketOptions{Owner: customer, Versioned: true}))
	b.check(b.aws.Put("versions", "logs/a", []byte("old")))
	o, store := events.Object{Bucket: "versions", Key: "logs/a"}, b.store()
	old, _ := b.readAll(store, o, 0)
	b.check(b.aws.Put("versions", "logs/a", []byte("new one")))
	b.check(b.aws.Delete("versions", "logs/a"))

	o.VersionID, o.ETag = old.VersionID, "not looked at"
	body, text := b.readAll(store, o, 1)
	if text != "ld" || body.Size != 3 || body.VersionID != old.VersionID || old.VersionID == "" {
		t.Errorf("read %q of %+v", text, body)
	}
}

func TestBodyIsTheStoredBytes(t *testing.T) {
	b := newBench(t)
	const stored = "\x1f\x8b not gzip at all"
	o := b.put("logs/a", stored, func(meta map[string]string) { meta["Content-Encoding"] = "gzip" })
	for _, offset := range []int64{0, 3} {
		body, text := b.readAll(b.store(), o, offset)
		if text != stored[offset:] || body.ContentEncoding != "gzip" {
			t.Errorf("read %q of %+v, want %q", text, body, stored[offset:])
		}
	}
}

func TestBrokenBodyIsAnError(t *testing.T) {
	b := newBench(t)
	o := b.put("logs/a", strings.Repeat("x", 1<<20))
	b.fail("GetObject", &local.FaultResponse{CutBodyAfter: 1000})
	body, err := b.store().Open(t.Context(), o, 0, -1)
	b.check(err)
	defer body.Close()
	if read, err := io.ReadAll(body); len(read) != 1000 || !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("read %d bytes, then %v", len(read), err)
	}
}

func TestCloseUnblocksRead(t *testing.T) {
	b := newBench(t)
	o := b.put("logs/a", "0123456789")
	b.fail("GetObject", &local.FaultResponse{RateBytesPerSecond: 1})
	body, err := b.store().Open(t.Context(), o, 0, -1)
	b.check(err)
	must(body.Read(make([]byte, 1)))
	done := make(chan error)
	go func() {
		_, err := io.ReadAll(body)
		done <- err
	}()
	body.Close()
	if err := <-done; err == nil {
		t.Error("the body was read to its end")
	}
}

func TestAnswerMustBeginAtTheOffset(t *testing.T) {
	for name, row := range map[string]struct {
		out    s3.GetObjectOutput
		offset int64
		size   int64 // 0: an error
	}{
		"whole":                   {s3.GetObjectOutput{ContentLength: aws.Int64(7)}, 0, 7},
		"whole, no length":        {s3.GetObjectOutput{}, 0, 0},
		"range":                   {s3.GetObjectOutput{ContentLength: aws.Int64(3), ContentRange: aws.String("bytes 4-6/7")}, 4, 7},
		"range ignored":           {s3.GetObjectOutput{ContentLength: aws.Int64(7)}, 4, 0},
		"range of another offset": {s3.GetObjectOutput{ContentRange: aws.String("bytes 3-6/7")}, 4, 0},
		"size not told":           {s3.GetObjectOutput{ContentRange: aws.String("bytes 4-6/*")}, 4, 0},
	} {
		t.Run(name, func(t *testing.T) {
			size, err := sizeOf(&row.out, row.offset, row.offset > 0)
			if size != row.size || (err == nil) != (row.size > 0) {
				t.Errorf("size %d, error %v, want %d", size, err, row.size)
			}
		})
	}
}
