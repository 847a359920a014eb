package pictures

import (
	"bytes"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"math"
	"regexp"
	"strings"
	"testing"

	"github.com/go-analyze/charts"
)

// template is the synthesised one whose dashboard is drawn.
const template = "../../infra/collector/testdata/small.json"

// A dashboard's units, in pixels.
const (
	unitX  = 50
	unitY  = 34
	points = 48
	ink    = "#16191f"
	faint  = "#687078"
)

type widget struct {
	Type                string
	X, Y, Width, Height int
	Properties          struct {
		Markdown, View, Title string
		Alarms                []string
		Metrics               [][]any
	}
}

// A curve is a metric that a widget shows.
type curve struct{ name, label, stat string }

// The picture has the layout, titles, labels and alarms of the template; its
// values are invented.
func TestDashboard(t *testing.T) {
	widgets, alarms := dashboard(t)
	var b bytes.Buffer
	bottom := 0
	for _, w := range widgets {
		bottom = max(bottom, w.Y+w.Height)
	}
	fmt.Fprintf(&b, "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\">\n", 24*unitX, bottom*unitY)
	fmt.Fprintf(&b, "<rect width=\"100%%\" height=\"100%%\" fill=\"#f2f3f3\"/>\n")
	for _, w := range widgets {
		switch x, y := w.X*unitX, w.Y*unitY; {
		case w.Type == "text":
			markdown(&b, x, y, w.Properties.Markdown)
		case w.Type == "alarm":
			frame(&b, w)
			states(t, &b, w, alarms)
		case w.Properties.View == "singleValue":
			frame(&b, w)
			numbers(&b, w)
		case w.Properties.View == "timeSeries":
			frame(&b, w)
			fmt.Fprintf(&b, "<svg x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\">%s</svg>\n", x+8, y+26, w.Width*unitX-16, w.Height*unitY-34, lines(t, w))
		default:
			t.Errorf("a widget %s %s is not drawn", w.Type, w.Properties.View)
		}
	}
	b.WriteString("</svg>\n")
	compare(t, "dashboard.svg", b.Bytes())
}

// dashboard is the template's, and the names of its alarms by what the
// dashboard calls them.
func dashboard(t *testing.T) ([]widget, map[string]string) {
	t.Helper()
	var stack struct {
		Resources map[string]struct {
			Type       string
			Properties struct {
				AlarmName     string
				DashboardBody struct {
					Join []json.RawMessage `json:"Fn::Join"`
				}
			}
		}
	}
	if err := json.Unmarshal(read(t, template), &stack); err != nil {
		t.Fatal(err)
	}
	alarms := make(map[string]string)
	var widgets []widget
	for id, r := range stack.Resources {
		switch r.Type {
		case "AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm":
			alarms[id] = r.Properties.AlarmName
		case "AWS::CloudWatch::Dashboard":
			widgets = body(t, r.Properties.DashboardBody.Join[1])
		}
	}
	if len(widgets) == 0 || len(alarms) == 0 {
		t.Fatalf("%s: %d widgets, %d alarms", template, len(widgets), len(alarms))
	}
	return widgets, alarms
}

// body joins the parts of a dashboard's text; one that refers to a resource
// becomes that one's name.
func body(t *testing.T, parts json.RawMessage) []widget {
	t.Helper()
	var all []any
	if err := json.Unmarshal(parts, &all); err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	for _, part := range all {
		switch part := part.(type) {
		case string:
			text.WriteString(part)
		case map[string]any:
			if attribute, ok := part["Fn::GetAtt"].([]any); ok {
				fmt.Fprint(&text, attribute[0])
			} else {
				fmt.Fprint(&text, part["Ref"])
			}
		}
	}
	var d struct{ Widgets []widget }
	if err := json.Unmarshal([]byte(text.String()), &d); err != nil {
		t.Fatal(err)
	}
	return d.Widgets
}

func markdown(b *bytes.Buffer, x, y int, text string) {
	for i, line := range strings.Split(text, "\n") {
		size := 13
		if heading := strings.TrimLeft(line, "#"); heading != line {
			size, line = 18, strings.TrimSpace(heading)
		}
		label(b, x+10, y+24+26*i, size, ink, "start", line)
	}
}

func frame(b *bytes.Buffer, w widget) {
	box(b, w.X*unitX+4, w.Y*unitY+4, w.Width*unitX-8, w.Height*unitY-8, "#ffffff", "#d5dbdb")
	label(b, w.X*unitX+14, w.Y*unitY+22, 12, ink, "start", w.Properties.Title)
}

// states shows every alarm at rest.
func states(t *testing.T, b *bytes.Buffer, w widget, alarms map[string]string) {
	t.Helper()
	const columns, margin = 7, 10
	width := (w.Width*unitX - 2*margin) / columns
	rows := (len(w.Properties.Alarms) + columns - 1) / columns
	height := (w.Height*unitY - 40) / rows
	for i, id := range w.Properties.Alarms {
		name := alarms[id]
		if name == "" {
			t.Errorf("the dashboard shows %s, which is no alarm of the stack", id)
		}
		name = strings.TrimPrefix(name, "devo-s3-collector-acme-")
		name, _, _ = strings.Cut(name, "-devo-s3-collector")
		x, y := w.X*unitX+margin+i%columns*width, w.Y*unitY+32+i/columns*height
		box(b, x+2, y+2, width-4, height-4, "#f2f8f0", "#1d8102")
		label(b, x+10, y+height/2+4, 11, ink, "start", name)
		label(b, x+width-10, y+height/2+4, 10, "#1d8102", "end", "OK")
	}
}

func numbers(b *bytes.Buffer, w widget) {
	shown := curves(w)
	width := (w.Width*unitX - 16) / len(shown)
	for i, c := range shown {
		x, y := w.X*unitX+14+i*width, w.Y*unitY
		values := invented(c)
		v := values[len(values)-1]
		if c.stat == "Sum" || c.name == "USD" {
			v = 0
			for _, one := range values {
				v += one
			}
		}
		label(b, x, y+58, 24, ink, "start", short(v))
		label(b, x, y+80, 11, faint, "start", c.label)
	}
}

func lines(t *testing.T, w widget) []byte {
	t.Helper()
	var values [][]float64
	var names []string
	for _, c := range curves(w) {
		values, names = append(values, invented(c)), append(names, c.label)
	}
	o := charts.NewLineChartOptionWithData(values)
	o.Padding = charts.NewBox(4, 6, 10, 0)
	o.Legend = charts.LegendOption{SeriesNames: names, Symbol: charts.SymbolSquare, Offset: charts.OffsetStr{Left: "0", Top: charts.PositionBottom}, FontStyle: charts.FontStyle{FontSize: 8}}
	o.Symbol = charts.Symbol{Shape: charts.SymbolNone}
	o.XAxis.Show = charts.Ptr(false)
	o.YAxis[0].Min = charts.Ptr(0.0)
	o.YAxis[0].LabelFontStyle = charts.FontStyle{FontSize: 8}
	o.YAxis[0].ValueFormatter = short
	p := painter(w.Width*unitX-16, w.Height*unitY-34)
	if err := p.LineChart(o); err != nil {
		t.Fatal(err)
	}
	svg, err := p.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	return svg
}

var search = regexp.MustCompile(`SEARCH\('\{[^}]*,(\w+)\} MetricName="(\w+)".*, '(\w+)', \d+\)`)

// found are the curves that CloudWatch finds for a search by that dimension.
var found = map[string][]string{
	"source": {"aws_sqs_cloudtrail", "aws_sqs_vpc", "aws_sqs_alb"},
	"kind":   {"throttled", "devo_unavailable"},
}

// curves are what a widget shows; metrics that only an expression reads are not.
func curves(w widget) (all []curve) {
	for _, m := range w.Properties.Metrics {
		options, _ := m[len(m)-1].(map[string]any)
		if options["visible"] == false {
			continue
		}
		text := func(key string) string { s, _ := options[key].(string); return s }
		if by := search.FindStringSubmatch(text("expression")); by != nil {
			for _, value := range found[by[1]] {
				all = append(all, curve{by[2], value, by[3]})
			}
			continue
		}
		name := "USD" // what an expression shows
		if _, ok := m[0].(string); ok {
			name, _ = m[1].(string)
		}
		all = append(all, curve{name, text("label"), text("stat")})
	}
	return all
}

// usual is what a healthy deployment shows of a metric, about; all others are 0.
var usual = map[string]float64{
	"Records": 41_000, "Objects": 96, "BytesOut": 61e6, "BytesIn": 7.4e6, "DevoAttempts": 31, "DevoConfirmed": 30, "CertificateDays": 212,
	"Lag": 9, "OldestMessage": 6, "QueueDepth": 4, "ConfirmTime": 38, "Retries": 0.5, "DuplicatesPrevented": 0.4, "Dropped": 12,
	"ConcurrentExecutions": 3, "Duration": 2_100, "MemoryHeadroom": 1_640, "USD": 0.0011,
}

// invented are a metric's values over the time shown: waves, those of one
// metric alike.
func invented(c curve) []float64 {
	seed, base, height := c.name, usual[c.name], 0.3
	switch {
	case c.name == "CertificateDays" || c.name == "MemoryHeadroom":
		height = 0
	case c.name == "DevoConfirmed":
		seed = "DevoAttempts" // nothing is confirmed that was not begun
	case c.name == "USD" || c.name == "Records" || c.stat == "p50":
		seed += c.label
	case c.stat == "p99":
		base *= 3
	case c.stat == "Maximum" && (c.name == "Lag" || c.name == "Duration"):
		base *= 4
	}
	h := fnv.New32a()
	h.Write([]byte(seed))
	phase := float64(h.Sum32() % 628)
	values := make([]float64, points)
	for i := range values {
		wave := 1 + height*math.Sin(float64(i)/6+phase/100) + height/3*math.Sin(float64(i)*1.7+phase)
		switch v := base * wave; {
		case c.name == "USD":
			values[i] = math.Round(v*1e5) / 1e5
		case base < 1:
			values[i] = math.Max(0, math.Round(v))
		default:
			values[i] = math.Round(v)
		}
	}
	return values
}

// short is a number with a unit, as CloudWatch writes large ones.
func short(v float64) string {
	for _, unit := range []struct {
		size float64
		name string
	}{{1e9, "G"}, {1e6, "M"}, {1e3, "k"}} {
		if v >= unit.size {
			return strings.TrimSuffix(fmt.Sprintf("%.1f", v/unit.size), ".0") + unit.name
		}
	}
	if v != math.Trunc(v) {
		return fmt.Sprintf("%.3g", v)
	}
	return fmt.Sprintf("%.0f", v)
}
