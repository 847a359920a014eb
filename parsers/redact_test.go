package parsers

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
	"testing"
)

func redaction(t testing.TB, drop, mask string) *Redaction {
	t.Helper()
	x, err := NewRedaction(strings.Fields(drop), strings.Fields(mask))
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func TestRedaction(t *testing.T) {
	for _, tt := range []struct{ why, drop, mask, raw, want string }{
		{"nothing on a path", "x", "y.z", ` { "a" : [1, {"x":2}], "y":{} } `, ` { "a" : [1, {"x":2}], "y":{} } `},
		{"the only member", "x", "", `{ "x":1 }`, `{  }`},
		{"the first", "x", "", `{"x":1,"a":2}`, `{"a":2}`},
		{"the middle", "x", "", `{"a":1,"x":2 , "b":3}`, `{"a":1 , "b":3}`},
		{"the last", "x", "", `{"a":1 , "x":2}`, `{"a":1 }`},
		{"several in a row", "x y z", "", `{"x":1,"y":2,"a":3,"z":4,"x":5,"b":6,"y":7}`, `{"a":3,"b":6}`},
		{"all", "x y", "", `{"x":1,"y":{"a":[]},"x":null}`, `{}`},
		{"inside", "a.x a.b.y", "", `{"a":{"x":1,"b":{"y":2,"z":3}},"x":4}`, `{"a":{"b":{"z":3}},"x":4}`},
		{"through arrays", "a.x", "", `{"a":[{"x":1,"y":2},[{"x":3}],4]}`, `{"a":[{"y":2},[{}],4]}`},
		{"an array at the top", "x", "", `[{"x":1},{"y":2}]`, `[{},{"y":2}]`},
		{"masks whatever it is", "", "x", `{"x":"a","x":-1.5e3,"x":null,"x":{"x":[1]},"x":[{}]}`, `{"x":"***","x":"***","x":"***","x":"***","x":"***"}`},
		{"mask and drop", "a.x", "a.y", `{"a":{"x":1,"y":2,"z":3}}`, `{"a":{"y":"***","z":3}}`},
		{"drop before mask", "a", "a b", `{"a":1,"b":2}`, `{"b":"***"}`},
		{"a member before what is in it", "a.x", "a", `{"a":{"x":1}}`, `{"a":"***"}`},
		{"a key with escapes", "mail", "", `{"m\u0061il":1,"mail\\":2,"\"mail":3}`, `{"mail\\":2,"\"mail":3}`},
		{"a string that looks like a key", "x", "", `{"a":"\"x\":1","b":"x"}`, `{"a":"\"x\":1","b":"x"}`},
		{"scalars", "x", "", `"x"`, `"x"`},
	} {
		got, ok := redaction(t, tt.drop, tt.mask).Apply([]byte("before "), []byte(tt.raw), false)
		if !ok || string(got) != "before "+tt.want {
			t.Errorf("%s: %s %t, want %s", tt.why, got, ok, tt.want)
		}
	}
}

// What is no JSON text may have the personal data anywhere.
func TestWhatIsNoJSONIsNotRedacted(t *testing.T) {
	x := redaction(t, "mail", "")
	for _, raw := range []string{
		"", " ", "a@b.c", "mail=a@b.c", `4111 a@b.c`, `"a" b`, `[4111] mail`, `{"a":1} {"mail":2}`, `{"a":b","mail":"a@b.c"}`, `{"a":"b,"mail":"a@b.c"}`, `{"a":"b" "mail":1}`,
		`{"mail":"a@b.c"`, `{"a":1,}`, `{,}`, `[1,]`, `{"a"}`, `{mail:1}`, `{"a":}`, `{"a":tru}`, `{"a":trues}`, `[1}`, `nul`, strings.Repeat("[", maxDepth+1) + strings.Repeat("]", maxDepth+1),
	} {
		if got, ok := x.Apply(nil, []byte(raw), false); ok || len(got) != 0 {
			t.Errorf("%.60q: %.60q", raw, got)
		}
	}
}

// Wherever a record is cut, the beginning shows nothing that is hidden.
func TestRedactionOfABeginning(t *testing.T) {
	x := redaction(t, "user.mail b", "user.card")
	const raw = `{"a":"v\"","b":["SS",{"S":"S\"S"}],"user":{"id":12,"mail":"S\\S","card":{"S":"S"},"card":"SSSS","ok":true},"b":"S"}`
	for n := range len(raw) + 1 {
		got, ok := x.Apply(nil, []byte(raw[:n]), true)
		if !ok || bytes.IndexByte(got, 'S') >= 0 {
			t.Errorf("%s\ngives %s %t", raw[:n], got, ok)
		}
		if keep := strings.Index(raw, `,"b"`); n < keep && string(got) != raw[:n] {
			t.Errorf("%s\ngives %s", raw[:n], got)
		}
	}
	if got, ok := x.Apply(nil, []byte(`mail S`), true); ok {
		t.Errorf("%s", got)
	}
}

func TestRedactionRefusesBadPaths(t *testing.T) {
	if x, err := NewRedaction([]string{"a..b"}, nil); err == nil {
		t.Errorf("%+v", x)
	}
}

func TestRedactionAllocatesNothing(t *testing.T) {
	exhaustive(t)
	x := redaction(t, "userIdentity.principalId resources.accountId", "sourceIPAddress requestParameters")
	raw := cloudTrail(100)
	raw = raw[len(`{"Records":[`) : len(raw)-len(`]}`)]
	out, ok := x.Apply(nil, raw, false)
	if !ok {
		t.Fatalf("%s", raw)
	}
	if n := testing.AllocsPerRun(1000, func() { x.Apply(out[:0], raw, false) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// hide does to a decoded value what a Redaction does to its text.
func hide(v any, path []string, drop bool) {
	switch v := v.(type) {
	case []any:
		for _, e := range v {
			hide(e, path, drop)
		}
	case map[string]any:
		switch inner, ok := v[path[0]]; {
		case !ok:
		case len(path) > 1:
			hide(inner, path[1:], drop)
		case drop:
			delete(v, path[0])
		default:
			v[path[0]] = "***"
		}
	}
}

func decoded(raw []byte) (v any, err error) {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	err = d.Decode(&v)
	return v, err
}

// A JSON text is redacted as its decoded value would be; anything else is
// refused, or stays as it is but for members that are on the paths.
func FuzzRedact(f *testing.F) {
	f.Add([]byte(`{"a":{"x":1,"b":{"y":2}},"m\u0061il":[{"x":"S"}]}`), "a.x mail", "a.b.y")
	f.Add([]byte(`[{"x":1},{"x":{}, "y" : tru}]`), "x", "y")
	f.Add([]byte(` {"x":"\\" , "y":"\"","x":-1 } `), "y", "x")
	f.Add([]byte(`{"a":1}garbage`), "", "a")
	f.Fuzz(func(t *testing.T, raw []byte, drop, mask string) {
		drops, masks := strings.Fields(drop), strings.Fields(mask)
		x, err := NewRedaction(drops, masks)
		if err != nil || strings.Contains(drop+mask, "\uFFFD") {
			return
		}
		for n := range min(len(raw), 100) {
			x.Apply(nil, raw[:n], true)
		}
		got, ok := x.Apply(nil, raw, false)
		if !json.Valid(raw) {
			if ok && len(drops)+len(masks) == 0 && !bytes.Equal(got, raw) {
				t.Fatalf("%q became %q", raw, got)
			}
			return
		}
		if !ok {
			t.Fatalf("%q is refused", raw)
		}
		want, _ := decoded(raw)
		for _, path := range drops {
			hide(want, strings.Split(path, "."), true)
		}
		for _, path := range masks {
			hide(want, strings.Split(path, "."), false)
		}
		if v, err := decoded(got); err != nil || !json.Valid(got) || !reflect.DeepEqual(v, want) {
			t.Fatalf("%q\nbecame %q, %v\nwant %v", raw, got, err, want)
		}
	})
}

func TestGivesJSON(t *testing.T) {
	for _, c := range []struct {
		options Options
		want    bool
	}{
		{&JSONOptions{}, true},
		{&ParquetOptions{}, true},
		{&AvroOptions{}, true},
		{&CloudWatchOptions{}, false},
		{&CloudWatchOptions{Record: recordEvent}, true},
		{&LinesOptions{Header: "drop"}, false},
		{&LinesOptions{Header: "json"}, true},
		{&CSVOptions{Header: "keep"}, false},
		{&CSVOptions{Header: "json"}, true},
		{&CSVOptions{Header: "drop", Names: []string{"a"}}, true},
		{&W3COptions{}, false},
		{&W3COptions{Record: "json"}, true},
		{&CEFOptions{}, false},
		{&SyslogOptions{}, false},
		{&XMLOptions{}, false},
	} {
		if GivesJSON(c.options) != c.want {
			t.Errorf("%s %+v: not %t", c.options.Format(), c.options, c.want)
		}
	}
}

func BenchmarkRedact(b *testing.B) {
	raw := cloudTrail(100)
	raw = raw[len(`{"Records":[`) : len(raw)-len(`]}`)]
	x := redaction(b, "userIdentity.principalId", "sourceIPAddress resources.accountId")
	var out []byte
	b.SetBytes(int64(len(raw)))
	for b.Loop() {
		out, _ = x.Apply(out[:0], raw, false)
	}
}
