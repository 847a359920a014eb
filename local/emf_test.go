package local

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const emfLine = `{"_aws":{"Timestamp":1795423677557,"CloudWatchMetrics":[{"Namespace":"N","Dimensions":[["d"],["d","e"]],` +
	`"Metrics":[{"Name":"A","Unit":"Count"},{"Name":"B"}]}]},"d":"one","e":"two","A":3,"B":[1.5,2],"other":{"x":null}}`

func TestReadEMF(t *testing.T) {
	got, err := ReadEMF([]byte(emfLine))
	at := time.UnixMilli(1795423677557)
	one, both := map[string]string{"d": "one"}, map[string]string{"d": "one", "e": "two"}
	want := []Datum{
		{"N", "A", "Count", one, at, []float64{3}},
		{"N", "B", "", one, at, []float64{1.5, 2}},
		{"N", "A", "Count", both, at, []float64{3}},
		{"N", "B", "", both, at, []float64{1.5, 2}},
	}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%v\n%s", err, diff)
	}
	for _, other := range []string{"", "text", `{"level":"INFO"}`, `[1]`, emfLine + "x"} {
		if got, err := ReadEMF([]byte(other)); got != nil || err != nil {
			t.Errorf("%q gives %v, %v", other, got, err)
		}
	}
}

// Each is the good line with one thing wrong.
func TestReadEMFRefuses(t *testing.T) {
	many := func(n int, each string) string { return strings.TrimSuffix(strings.Repeat(each+",", n), ",") }
	for name, change := range map[string][2]string{
		"no timestamp":           {`"Timestamp":1795423677557,`, ``},
		"timestamp in seconds":   {`1795423677557`, `1795423677`},
		"timestamp as text":      {`1795423677557`, `"2026"`},
		"no metrics":             {`"CloudWatchMetrics"`, `"Metrics"`},
		"unknown member":         {`"Namespace":"N"`, `"Namespace":"N","Level":1`},
		"no namespace":           {`"Namespace":"N",`, ``},
		"AWS's own namespace":    {`"N"`, `"AWS/Lambda"`},
		"no dimensions":          {`[["d"],["d","e"]]`, `[]`},
		"dimension not there":    {`"d":"one",`, ``},
		"dimension is a number":  {`"d":"one"`, `"d":1`},
		"dimension is empty":     {`"one"`, `" "`},
		"dimension is not ASCII": {`"one"`, `"ö"`},
		"31 dimensions":          {`["d"],`, "[" + many(31, `"d"`) + "],"},
		"no metric":              {`[{"Name":"A","Unit":"Count"},{"Name":"B"}]`, `[]`},
		"101 metrics":            {`{"Name":"B"}`, many(100, `{"Name":"B"}`)},
		"metric not there":       {`"A":3,`, ``},
		"metric is text":         {`"A":3`, `"A":"3"`},
		"metric is null":         {`"A":3`, `"A":null`},
		"metric has no value":    {`[1.5,2]`, `[]`},
		"101 values":             {`[1.5,2]`, "[" + many(101, "1") + "]"},
		"too large a value":      {`"A":3`, `"A":1e300`},
		"unknown unit":           {`"Count"`, `"count"`},
		"resolution":             {`"Unit":"Count"`, `"StorageResolution":30`},
		"too long":               {`"x":null`, fmt.Sprintf(`"x":%q`, strings.Repeat("x", emfBytes))},
	} {
		t.Run(name, func(t *testing.T) {
			line := strings.Replace(emfLine, change[0], change[1], 1)
			if line == emfLine {
				t.Fatal("nothing was changed")
			}
			if got, err := ReadEMF([]byte(line)); err == nil {
				t.Errorf("taken: %v", got)
			}
		})
	}
}
