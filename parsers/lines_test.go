package parsers

import (
	"strings"
	"testing"
)

func TestLines(t *testing.T) {
	for _, c := range []struct {
		name, data string
		want       []string
	}{
		{"no bytes", "", nil},
		{"one", "a\n", []string{"a"}},
		{"no end of the last", "a\nb", []string{"a", "b"}},
		{"CR LF", "a\r\nb\r\n", []string{"a", "b"}},
		{"mixed", "a\r\nb\nc\r\n", []string{"a", "b", "c"}},
		{"blank ones", "\n\r\n a \n\n", []string{"", "", " a ", ""}},
		{"CR alone", "a\rb\n\r\r\nc\r", []string{"a\rb", "\r", "c\r"}},
		{"nothing else ends a line", "a\vb\fc\x85d\u2028e\u0085f\x1eg\n", []string{"a\vb\fc\x85d\u2028e\u0085f\x1eg"}},
		{"NULs and no UTF-8", "a\x00b\xff\n\xc3\n", []string{"a\x00b\xff", "\xc3"}},
		{"longer than a block", strings.Repeat("x", 300<<10) + "\nb\n", []string{strings.Repeat("x", 300<<10), "b"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := mustCompile(t, Spec{Format: "lines"})
			all, err := sameInEveryChunking(t, p, []byte(c.data))
			if err != nil {
				t.Fatal(err)
			}
			wantRaws(t, all, c.want...)
			all, err = read(p, object(pack([]byte(c.data))))
			if err != nil {
				t.Fatal(err)
			}
			wantRaws(t, all, c.want...)
		})
	}
}

func TestHeaderIsGivenAsDropped(t *testing.T) {
	p := mustCompile(t, Spec{Format: "lines", Options: &LinesOptions{Header: "drop"}})
	all, err := sameInEveryChunking(t, p, []byte("version account\n2 1\nversion account\n"))
	if err != nil {
		t.Fatal(err)
	}
	wantRaws(t, all, "version account", "2 1", "version account")
	for i, g := range all {
		if want := map[int]string{0: "header"}[i]; g.Dropped != want || g.Index != int64(i) {
			t.Errorf("record %d: %+v", i, g)
		}
	}
}
