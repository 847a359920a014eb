package events

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

// FuzzDecode holds Decode against the oracle, its bounds, and what must not
// change when a body is wrapped by SNS or continued by ourselves.
func FuzzDecode(f *testing.F) {
	samples, err := filepath.Glob("samples/*.json")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range samples {
		for _, m := range readSample(f, file) {
			f.Add(m.Body)
		}
	}
	for _, body := range []string{
		``, `null`, `{"Records":[]}`, `{"Records":[null,5,{}]}`, `{"Records":null}`, `{"Type":"Notification","Message":""}`,
		`{"collector":1,"queue":"q","object":{"bucket":"b","key":"k"}}`, `{"source":"aws.s3","detail":{}}`,
		`{"s3Bucket":"b","s3ObjectKey":[5,"k"]}`, `{"bucket":"b","files":[{"path":"k","size":1e3}],"timestamp":-1}`,
		record("2.1", "s3:ObjectCreated:Put", "%"), record("3.0", "ObjectCreated:Put", "k"), record("2", "", "k"), record("2.1", "ObjectCreated:Put", "%ff"),
	} {
		f.Add(body)
	}

	f.Fuzz(check)
}

// Bytes that change at random seldom leave JSON behind: here whole values of
// the samples change.
func TestDecodeAgreesWithTheOracleOnDamagedSamples(t *testing.T) {
	samples, err := filepath.Glob("samples/*.json")
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(1, 2))
	verdicts := map[bool]int{}
	for _, file := range samples {
		for _, m := range readSample(t, file) {
			for range 100 {
				var v any
				_ = decoder(m.Body).Decode(&v)
				body, err := json.Marshal(damaged(r, v))
				if err != nil {
					t.Fatal(err)
				}
				check(t, string(body))
				if t.Failed() {
					t.Fatalf("%s: %s", file, body)
				}
				verdicts[judge(string(body), 0).Known]++
			}
		}
	}
	if verdicts[true] < 1000 || verdicts[false] < 200 {
		t.Errorf("one-sided: %v", verdicts)
	}
}

// damaged is v with some of its values replaced by others, or gone.
func damaged(r *rand.Rand, v any) any {
	if r.IntN(25) == 0 {
		strange := []any{
			nil, 5, json.Number("1e999"), -1, true, "", "x", "%", "%zz", "a+b%2B%ff", "2.9", "3.0", "ObjectCreated:", "s3:", "1", "Notification",
			strings.Repeat("é", 513),
			[]any{},
			[]any{nil, "k"},
			map[string]any{},
			map[string]any{"NAME": "b", "Key": "k"},
		}
		return strange[r.IntN(len(strange))]
	}
	switch v := v.(type) {
	case []any:
		for i := range v {
			v[i] = damaged(r, v[i])
		}
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(v)) {
			v[name] = damaged(r, v[name])
			if r.IntN(50) == 0 {
				delete(v, name)
			}
		}
	}
	return v
}

// check holds one body against all that must be true of it.
func check(t *testing.T, body string) {
	n, err := Decode(body)
	checkBounds(t, body, n, err)
	checkVerdict(t, judge(body, 0), n, err)
	checkWrapped(t, body, n, err)
	if err != nil {
		return
	}
	for _, o := range n.Objects {
		if o.Err == nil {
			checkContinued(t, o)
		}
	}
}

func checkBounds(t *testing.T, body string, n Notification, err error) {
	t.Helper()
	if len(Describe(body)) > 16*(4*64+3)+200 {
		t.Errorf("a description of %d bytes", len(Describe(body)))
	}
	if err != nil {
		if len(err.Error()) > 500 || n.Form != "" || n.Objects != nil || n.Ignored != nil || n.Continuation != nil {
			t.Errorf("with error %q: %+v", err, n)
		}
		return
	}
	if n.Form == "" || len(n.Objects)+len(n.Ignored) == 0 || (n.Form == Continuation) != (n.Continuation != nil) {
		t.Errorf("says nothing: %+v", n)
	}
	for _, reason := range n.Ignored {
		if reason == "" || len(reason) > maxReason {
			t.Errorf("ignored because %q", reason)
		}
	}
	for _, o := range n.Objects {
		if o.Size < -1 || len(fmt.Sprintf("%+v", o)) > 16<<10 {
			t.Errorf("out of bounds: %+v", o)
		}
	}
}

func checkVerdict(t *testing.T, want verdict, n Notification, err error) {
	t.Helper()
	if want.Unsaid {
		return
	}
	got := verdict{Known: err == nil, Ignored: len(n.Ignored)}
	for _, o := range n.Objects {
		if o.Err != nil {
			got.Named = append(got.Named, named{Bad: true})
			continue
		}
		got.Named = append(got.Named, named{Bucket: o.Bucket, Key: o.Key})
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-oracle +Decode, whose error is %v):\n%s", err, diff)
	}
}

// checkWrapped puts body into SNS's form and into ours.
func checkWrapped(t *testing.T, body string, n Notification, err error) {
	t.Helper()
	message, _ := json.Marshal(body)
	wrapped := map[string]string{
		"SNS":          `{"Type":"Notification","Message":` + string(message) + `}`,
		"continuation": Continue(Object{}, Continued{Queue: "arn:q", Body: body}),
	}
	for name, w := range wrapped {
		if !utf8.ValidString(body) || body == "" || len(w) > MaxBody {
			continue
		}
		got, gotErr := Decode(w)
		if gotErr != nil && strings.HasSuffix(gotErr.Error(), "wrapped too many times") {
			continue
		}
		if mustFail := err != nil || n.Continuation != nil; mustFail || gotErr != nil {
			if !mustFail || gotErr == nil {
				t.Errorf("in %s: error %v, bare %v", name, gotErr, err)
			}
			continue
		}
		if diff := cmp.Diff(n.Objects, got.Objects, byText); diff != "" {
			t.Errorf("in %s (-bare +wrapped):\n%s", name, diff)
		}
		if diff := cmp.Diff(n.Ignored, got.Ignored); diff != "" {
			t.Errorf("in %s (-bare +wrapped):\n%s", name, diff)
		}
	}
}

// checkContinued sends o through our own form.
func checkContinued(t *testing.T, o Object) {
	t.Helper()
	c := Continued{Queue: "arn:q", Source: o.Region, Generation: len(o.Key), Origin: Origin{MessageID: o.Sequencer, EventTime: o.EventTime}}
	got, err := Decode(Continue(o, c))
	if err != nil {
		t.Fatalf("%+v continued: %v", o, err)
	}
	o.Sequencer = ""
	if diff := cmp.Diff(Notification{Form: Continuation, Objects: []Object{o}, Continuation: &c}, got, byText); diff != "" {
		t.Errorf("continued (-want +got):\n%s", diff)
	}
}
