package pictures

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/go-analyze/charts"
)

// A measurement is a row of dist/bench.json; what the plots do not show is not
// read.
type measurement struct {
	Case      string  `json:"case"`
	Size      int64   `json:"size"`
	Cores     int     `json:"cores"`
	MBps      float64 `json:"mb_per_s"`
	FloorMBps float64 `json:"floor_mb_per_s"`
	Ratio     float64 `json:"ratio"`
	RSSMiB    float64 `json:"rss_mib"`
	TenRSSMiB float64 `json:"rss_mib_ten_in_flight"`
}

const (
	mebibyte = 1 << 20
	gibibyte = 1 << 30
)

var titles = map[string]string{
	"cloudtrail": "CloudTrail", "vpc": "VPC flow", "alb": "ALB", "json_lines": "JSON lines", "csv": "CSV", "parquet": "parquet",
}

// A series is what one colour shows: a value of one row of each case.
type series struct {
	name  string
	size  int64
	value func(measurement) float64
}

func ratio(m measurement) float64 { return m.Ratio }

// The plots are of testdata/bench.json, which make plots takes from dist, and
// the page's table is of the same run.
func TestPlots(t *testing.T) {
	var rows []measurement
	if err := json.Unmarshal(read(t, "testdata/bench.json"), &rows); err != nil {
		t.Fatal(err)
	}
	compare(t, "ratio.svg", plot(t, rows, "Ratio to the floor (higher is better, 1 is the floor)", []series{
		{"1 GiB", gibibyte, ratio},
		{"100 MiB", 100 * mebibyte, ratio},
		{"1 MiB, ten to a batch", mebibyte, ratio},
	}))
	compare(t, "throughput.svg", plot(t, rows, "MB of unpacked input per CPU-second, objects of 100 MiB", []series{
		{"collector", 100 * mebibyte, func(m measurement) float64 { return m.MBps }},
		{"floor", 100 * mebibyte, func(m measurement) float64 { return m.FloorMBps }},
	}))
	compare(t, "memory.svg", plot(t, rows, "MiB resident, objects of 1 GiB", []series{
		{"one in flight", gibibyte, func(m measurement) float64 { return m.RSSMiB }},
		{"ten in flight", gibibyte, func(m measurement) float64 { return m.TenRSSMiB }},
	}))
	page := string(read(t, "../../docs/performance.md"))
	for _, r := range rows {
		size := fmt.Sprintf("%d MiB", r.Size/mebibyte)
		if r.Size < mebibyte {
			size = fmt.Sprintf("%d KiB", r.Size>>10)
		}
		line := regexp.MustCompile(fmt.Sprintf(`(?m)^%s +%s +%d +%.1f .*`, r.Case, size, r.Cores, r.MBps))
		if !line.MatchString(page) {
			t.Errorf("docs/performance.md has no %s: table and plots must be of one run", line)
		}
	}
}

// plot has a group of bars for each case that was measured on one core.
func plot(t *testing.T, rows []measurement, title string, all []series) []byte {
	t.Helper()
	var cases, names []string
	values := make([][]float64, len(all))
	for i, s := range all {
		names = append(names, s.name)
		for _, r := range rows {
			if r.Cores != 1 || r.Size != s.size {
				continue
			}
			values[i] = append(values[i], s.value(r))
			if i == 0 {
				cases = append(cases, caseTitle(r.Case))
			}
		}
		if len(values[i]) == 0 || len(values[i]) != len(cases) {
			t.Fatalf("%s: %d rows of %s, %d cases", title, len(values[i]), s.name, len(cases))
		}
	}
	o := charts.NewBarChartOptionWithData(values)
	o.Title = charts.TitleOption{Text: title, FontStyle: charts.FontStyle{FontSize: 13}}
	o.Legend = charts.LegendOption{SeriesNames: names, Offset: charts.OffsetStr{Left: "20", Top: "28"}, FontStyle: charts.FontStyle{FontSize: 11}}
	o.CategoryAxis.Labels = cases
	o.ValueAxis[0].Min = charts.Ptr(0.0)
	for i := range o.SeriesList {
		o.SeriesList[i].Label = charts.SeriesLabel{Show: charts.Ptr(true), FontStyle: charts.FontStyle{FontSize: 9}, ValueFormatter: figure}
	}
	p := painter(860, 340)
	if err := p.BarChart(o); err != nil {
		t.Fatal(err)
	}
	svg, err := p.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	return svg
}

func caseTitle(name string) string {
	if title := titles[name]; title != "" {
		return title
	}
	return strings.ReplaceAll(name, "_", " ")
}

// figure has as many digits as the page's tables.
func figure(v float64) string {
	if v < 10 {
		return fmt.Sprintf("%.2f", v)
	}
	return fmt.Sprintf("%.0f", v)
}
