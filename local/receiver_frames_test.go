package local

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// cutAll feeds in by pieces of size, or whole when it is 0, and lists what
// comes out: `event` for a whole frame, `!event` for another, `…n` for n bytes left.
func cutAll(in string, size int) []string {
	if size == 0 {
		size = max(len(in), 1)
	}
	f := newFrames()
	var out []string
	for piece := range slices.Chunk([]byte(in), size) {
		for len(piece) > 0 {
			n := copy(f.room(), piece)
			f.filled(n)
			piece = piece[n:]
		}
		for event, whole, ok := f.next(); ok; event, whole, ok = f.next() {
			out = append(out, strings.Repeat("!", btoi(!whole))+string(event))
		}
	}
	if f.rest() > 0 {
		out = append(out, fmt.Sprintf("…%d", f.rest()))
	}
	return out
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

func TestFrames(t *testing.T) {
	long := strings.Repeat("x", 300<<10)
	for _, c := range []struct {
		name, in string
		want     []string
	}{
		{"nothing", "", nil},
		{"two lines", "a\nbc\n", []string{"a", "bc"}},
		{"an empty line", "a\n\nb\n", []string{"a", "", "b"}},
		{"CR and NUL break too", "a\rb\x00c\nd\n", []string{"a", "b", "c", "d"}},
		{"CR LF", "a\r\n", []string{"a", ""}},
		{"octet count keeps what breaks", "7 a\nb\rc\x00\n", []string{"a\nb\rc\x00"}},
		{"octet count without its LF", "6 a\nb\rc\x00\n", []string{"!a\nb\rc\x00", ""}},
		{"octet count ends with LF", "6 a\nb\rc\nd\n", []string{"a\nb\rc", "d"}},
		{"octet count in bytes", "5 é\né\n", []string{"!é\né", ""}},
		{"both framings mixed", "a\n4 b\nc\nd\n", []string{"a", "b\nc", "d"}},
		{"count of one", "1 \na\n", []string{"", "a"}},
		{"zero is no count", "0 a\n", []string{"0 a"}},
		{"digits without a space", "12a\nb\n", []string{"12a", "b"}},
		{"a count over the limit", "99999999999 a\nb\n", []string{"99999999999 a", "b"}},
		{"line not ended", "a\nbc", []string{"a", "…2"}},
		{"count not filled", "a\n9 bc", []string{"a", "…4"}},
		{"count not ended", "12", []string{"…2"}},
		{"longer than the buffer", long + "\n" + "5 abcd\n", []string{long, "abcd"}},
		{"counted and longer than the buffer", "307201 " + long + "\nb\n", []string{long, "b"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			sizes := []int{0, 1, 2, 3, 5}
			if len(c.in) > 1000 {
				sizes = []int{0, 1000, readSize, readSize + 1}
			}
			for _, size := range sizes {
				if got := cutAll(c.in, size); !slices.Equal(got, c.want) {
					t.Errorf("in pieces of %d: %.200q, want %.200q", size, got, c.want)
				}
			}
		})
	}
}

// FuzzFrames: how the bytes are cut into reads changes nothing, and no byte
// is made up.
func FuzzFrames(f *testing.F) {
	f.Add("<14>d h t: m\n12 <1>d h t: a\n\n", 3)
	f.Add("a\rb\x00c\n3 x", 1)
	f.Fuzz(func(t *testing.T, in string, size int) {
		whole, pieces := cutAll(in, 0), cutAll(in, max(size, 1))
		if !slices.Equal(whole, pieces) {
			t.Fatalf("whole %q, in pieces %q", whole, pieces)
		}
		for _, event := range whole {
			if event = strings.TrimPrefix(event, "!"); !strings.Contains(in, event) && !strings.HasPrefix(event, "…") {
				t.Fatalf("%q is not in %q", event, in)
			}
		}
	})
}

func TestRecordParse(t *testing.T) {
	for _, c := range []struct {
		event                string
		date, host, tag, raw string
		bad                  bool
	}{
		{event: "<14>2006-01-02 15:04:05.000 h1 my.app.t.x: hello", date: "2006-01-02 15:04:05.000", host: "h1", tag: "my.app.t.x", raw: "hello"},
		{event: "<131>Jan  1 00:00:00 h1 a.b: x: y", date: "Jan  1 00:00:00", host: "h1", tag: "a.b", raw: "x: y"},
		{event: "<14>d h t: ", date: "d", host: "h", tag: "t"},
		{event: "", bad: true},
		{event: ": ", bad: true},
		{event: "<14>", bad: true},
		{event: "<14>d h t:m", bad: true},
		{event: "<14>d h: m", bad: true},
		{event: "<14>d h : m", bad: true},
		{event: "14>d h t: m", bad: true},
		{event: "<192>d h t: m", bad: true},
		{event: "<x>d h t: m", bad: true},
		{event: "<14d h t: m", bad: true},
		{event: " <14>d h t: m", bad: true},
	} {
		var r Record
		if ok := r.parse([]byte(c.event)); ok == c.bad {
			t.Errorf("%q: understood: %v", c.event, ok)
			continue
		}
		if c.bad {
			continue
		}
		got := [...]string{string(r.Date), string(r.Host), string(r.Tag), string(r.Raw)}
		if want := [...]string{c.date, c.host, c.tag, c.raw}; got != want {
			t.Errorf("%q: %q, want %q", c.event, got, want)
		}
	}
}

func TestFramesAllocateNothingPerRecord(t *testing.T) {
	line := []byte("<14>2006-01-02 15:04:05.000 collector-1-x my.app.t.x: " + strings.Repeat("m", 150) + "\n")
	input := bytes.Repeat(line, readSize/len(line))
	f := newFrames()
	var r Record
	allocs := testing.AllocsPerRun(1000, func() {
		f.filled(copy(f.room(), input))
		for event, _, ok := f.next(); ok; event, _, ok = f.next() {
			if !r.parse(event) {
				t.Fatalf("not understood: %q", event)
			}
		}
	})
	if allocs != 0 {
		t.Errorf("%v allocations for %d records", allocs, readSize/len(line))
	}
}
