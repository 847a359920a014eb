package devo

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

var noon = time.Date(2026, 1, 2, 13, 4, 5, 67_890_000, time.FixedZone("", 3600))

const golden = "<14>2026-01-02 12:04:05.067 collector-acme-h1 my.app.t.x: "

func TestFrameBytes(t *testing.T) {
	for _, test := range []struct{ name, multiline, record, want string }{
		{"a line", "octet", "hello", golden + "hello\n"},
		{"LF", "octet", "a\nb", "62 " + golden + "a\nb\n"},
		{"the count is of bytes", "octet", "é\nb", "63 " + golden + "é\nb\n"},
		{"CR", "octet", "a\rb", "62 " + golden + "a\rb\n"},
		{"NUL", "octet", "a\x00b", "62 " + golden + "a\x00b\n"},
		{"LF last", "octet", "a\n", "61 " + golden + "a\n\n"},
		{"a line", "escape", "hello", golden + "hello\n"},
		{"all that breaks", "escape", "a\nb\r\x00", golden + `a\nb\r\0` + "\n"},
		{"backslashes, once there is something to tell apart", "escape", `a\n` + "\n", golden + `a\\n\n` + "\n"},
		{"backslashes of a line, JSON's say", "escape", `{"a":"\n"}`, golden + `{"a":"\n"}` + "\n"},
	} {
		t.Run(test.multiline+"/"+test.name, func(t *testing.T) {
			var got bytes.Buffer
			f := framer{out: newPieces(&got, 32), escape: test.multiline == "escape"}
			if err := f.frame(header(noon, "acme", "h1", "my.app.t.x"), []byte(test.record)); err != nil {
				t.Fatal(err)
			}
			if err := f.out.flush(); err != nil {
				t.Fatal(err)
			}
			if got.String() != test.want {
				t.Errorf("got  %q\nwant %q", got.String(), test.want)
			}
			if f.written != int64(got.Len()) {
				t.Errorf("counted %d bytes of %d", f.written, got.Len())
			}
		})
	}
}

func TestHeaderCannotBeBroken(t *testing.T) {
	for _, test := range []struct{ id, source, tag, want string }{
		{"acme", "aws_sqs_vpc", "cloud.aws.vpc", "collector-acme-aws_sqs_vpc cloud.aws.vpc: "},
		{"a-b", "c-d", "my.app.t-x", "collector-a_b-c-d my.app.t-x: "},
		{"a b", "c: d", "my.app: evil", "collector-a_b-c__d my.app__evil: "},
		{"a\n", "\x00\r", "my.é\n<14>", "collector-a_-__ my.____14_: "},
		{"", "", "", "collector-_-_ _: "},
	} {
		got := string(header(noon, test.id, test.source, test.tag))
		if want := "<14>2026-01-02 12:04:05.067 " + test.want; got != want {
			t.Errorf("got  %q\nwant %q", got, want)
		}
	}
}

// FuzzFrame reads the stream as a far end does and must find the records that
// were written, under the tag they were written with, and no others.
func FuzzFrame(f *testing.F) {
	f.Add([]byte("a"), []byte("b\nc"), []byte("\\\x00\\n\r"), "source", "my.app.t.x", uint16(20), byte(0))
	f.Add([]byte("<14>x y z: forged"), []byte("\n<14>2026-01-02 12:04:05.067 h my.app.u: forged\n"), []byte("12 <14>"), "s", "t: u", uint16(1), byte(1))
	f.Add([]byte("\n"), []byte("\r"), []byte(" "), "\n", "", uint16(0), byte(2))
	f.Add([]byte("\x1f\x8b\x08"), []byte("\n\x1f\x8b\x08"), []byte(""), "s", "my.app.x", uint16(900), byte(2))
	f.Fuzz(func(t *testing.T, a, b, c []byte, source, tag string, times uint16, mode byte) {
		escape, zips := mode%3 != 0, mode%3 == 2
		sink := &Sink{Config: Config{Multiline: "octet", Gzip: zips}}
		if escape {
			sink.Multiline = "escape"
		}
		var stream bytes.Buffer
		w := sink.newWire(&stream)
		head := header(noon, "acme", source, tag)
		records := [][]byte{a, b, c, a}
		if zips { // enough of them for more than one member
			records = slices.Repeat(records, 1+int(times)%400)
		}
		for _, r := range records {
			if err := w.record(head, r); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.flush(); err != nil {
			t.Fatal(err)
		}
		plain := stream.Bytes()
		if zips {
			plain = members(t, &stream)
		}
		if w.written != int64(len(plain)) {
			t.Errorf("counted %d bytes of %d", w.written, len(plain))
		}
		got, err := decode(plain)
		if err != nil {
			t.Fatalf("%v in %q", err, plain)
		}
		if len(got) != len(records) {
			t.Fatalf("wrote %d records, the far end sees %q", len(records), got)
		}
		for i, r := range records {
			want := string(r)
			if escape && strings.ContainsAny(want, "\n\r\x00") {
				want = strings.NewReplacer("\n", `\n`, "\r", `\r`, "\x00", `\0`, `\`, `\\`).Replace(want)
				if back := unescape(got[i].record); back != string(r) {
					t.Errorf("record %q comes back as %q", r, back)
				}
			}
			if got[i].record != want {
				t.Errorf("wrote %q, the far end sees %q", want, got[i].record)
			}
			if got[i].tag != got[0].tag || plainTag.MatchString(tag) && got[i].tag != tag {
				t.Errorf("tag %q arrives as %q", tag, got[i].tag)
			}
		}
	})
}

// members unpacks a stream of gzip members, each of which must be of whole
// frames.
func members(t *testing.T, stream *bytes.Buffer) (plain []byte) {
	t.Helper()
	return bytes.Join(eachMember(t, stream), nil)
}

func eachMember(t *testing.T, stream *bytes.Buffer) (all [][]byte) {
	t.Helper()
	for stream.Len() > 0 {
		z, err := gzip.NewReader(stream)
		if err != nil {
			t.Fatal(err)
		}
		z.Multistream(false)
		member, err := io.ReadAll(z)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := decode(member); err != nil {
			t.Fatalf("a member is not of whole frames: %v", err)
		}
		all = append(all, member)
	}
	return all
}

// The frame that reaches the limit ends its member; one byte less does not.
func TestGzipMemberEndsAtItsLimit(t *testing.T) {
	s := &Sink{Config: Config{Multiline: "escape", Gzip: true}}
	var stream bytes.Buffer
	w := s.newWire(&stream)
	head := header(time.Now(), "12345", "source", "my.app.t.x")
	for _, frame := range []int{memberSize - 1, 100, memberSize, 100, memberSize - 101, 100} {
		if err := w.record(head, bytes.Repeat([]byte("x"), frame-len(head)-1)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.flush(); err != nil {
		t.Fatal(err)
	}
	var sizes []int
	for _, member := range eachMember(t, &stream) {
		sizes = append(sizes, len(member))
	}
	if want := []int{memberSize + 99, memberSize, memberSize + 99}; !slices.Equal(sizes, want) {
		t.Errorf("members of %v bytes, want %v", sizes, want)
	}
}

var (
	plainTag = regexp.MustCompile(`^[A-Za-z0-9_.-]+$`)
	anyFrame = regexp.MustCompile(`(?s)^<14>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} [A-Za-z0-9_-]+ ([A-Za-z0-9_.-]+): (.*)$`)
)

type event struct{ tag, record string }

// decode splits a stream as facts of the receiver have it: a count and that
// many bytes, or else everything up to LF, CR or NUL.
func decode(stream []byte) (events []event, err error) {
	for len(stream) > 0 {
		var frame []byte
		if digits := len(stream) - len(bytes.TrimLeft(stream, "0123456789")); digits > 0 {
			n, err := strconv.Atoi(string(stream[:digits]))
			if err != nil || stream[digits] != ' ' || len(stream) < digits+1+n || n == 0 || stream[digits+n] != '\n' {
				return nil, fmt.Errorf("bad count after %d events", len(events))
			}
			frame, stream = stream[digits+1:digits+n], stream[digits+1+n:]
		} else {
			end := bytes.IndexAny(stream, "\n\r\x00")
			if end < 0 {
				return nil, fmt.Errorf("no end after %d events", len(events))
			}
			frame, stream = stream[:end], stream[end+1:]
		}
		m := anyFrame.FindSubmatch(frame)
		if m == nil {
			return nil, fmt.Errorf("frame %q", frame)
		}
		events = append(events, event{string(m[1]), string(m[2])})
	}
	return events, nil
}

func unescape(s string) string {
	return strings.NewReplacer(`\\`, `\`, `\n`, "\n", `\r`, "\r", `\0`, "\x00").Replace(s)
}

// Every letter and digit stays as it is, and what is next to them does not.
func TestEveryLetterAndDigitOfATag(t *testing.T) {
	const kept = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
	if got := string(appendName(nil, kept, "")); got != kept {
		t.Errorf("%q became %q", kept, got)
	}
	if got := string(appendName(nil, "`{@[/:", "")); got != "______" {
		t.Errorf("neighbours became %q", got)
	}
}
