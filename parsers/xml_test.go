package parsers

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

func TestXMLRecordsAreCutOutAsTheyStand(t *testing.T) {
	const tricky = `<Event a='>"' b="/>'"><!-- </Event> --><![CDATA[</Event>]]]]><?x </Event>?><EventID/><Event>` + "\r\n" + `<Event/></Event></Event >`
	for _, c := range []struct {
		name, data string
		want       []string
	}{
		{"no bytes", "", nil},
		{"only white space", " \r\n", nil},
		{"an empty root", `<Events/>`, nil},
		{"inside a root", "\uFEFF<?xml version=\"1.0\"?>\n<!DOCTYPE Events>\n<Events>\r\n<Event>1</Event>\n<!-- <Event>no</Event> --><Event/>\n</Events>\n<!-- end -->\n", []string{"<Event>1</Event>", "<Event/>"}},
		{"one after another", `<Event>1</Event><Event>2</Event>` + "\n" + `<Event>3</Event>`, []string{"<Event>1</Event>", "<Event>2</Event>", "<Event>3</Event>"}},
		{"a root of the same name is the record", `<Event><Event>1</Event><Event>2</Event></Event>`, []string{`<Event><Event>1</Event><Event>2</Event></Event>`}},
		{"in many roots, at many depths", `<a><Event>1</Event><b x=">"><Event>2</Event></b>text<c/></a><a><Event>3</Event></a>`, []string{"<Event>1</Event>", "<Event>2</Event>", "<Event>3</Event>"}},
		{"comments, CDATA, attributes and nesting", tricky + tricky, []string{tricky, tricky}},
		{"longer names and other cases", `<r><EventData><Event>1</Event></EventData><event>2</event><x:Event/><Events/></r>`, []string{"<Event>1</Event>"}},
		{"CDATA and comments with brackets", `<r><![CDATA[<Event>]]]>]]><!--->--><Event>1</Event></r>`, []string{"<Event>1</Event>"}},
		{"longer than a block", `<r><Event>` + strings.Repeat("<a>x</a>\n", 40_000) + `</Event><Event>2</Event></r>`, []string{"<Event>" + strings.Repeat("<a>x</a>\n", 40_000) + "</Event>", "<Event>2</Event>"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := mustCompile(t, Spec{Format: "xml"})
			all, err := sameInEveryChunking(t, p, []byte(c.data))
			if err != nil {
				t.Fatal(err)
			}
			wantRaws(t, all, c.want...)
			if len(all) < 100 {
				sameFromEveryRestart(t, p, []byte(c.data), all)
			}
		})
	}
}

func TestWhatIsNotSuchXMLIsCorruptWithItsOffset(t *testing.T) {
	for _, c := range []struct {
		data   string
		before int
		offset int64
		reason string
	}{
		{`{"a":1}`, 0, 0, "text outside of any element"},
		{`<r></r>x`, 0, 7, "text outside of any element"},
		{`<![CDATA[x]]><r/>`, 0, 2, "text outside of any element"},
		{`<r><a/></r>`, 0, 11, "no element Event"},
		{`<Event>1</Event></r>`, 1, 17, "an end tag without its start"},
		{`<r><Event>1</Event>`, 1, 19, "truncated XML"},
		{`<r><Event>1</Even`, 0, 17, "truncated XML"},
		{`<r><!-- -- >`, 0, 12, "truncated XML"},
		{`<r><Event a="></Event></r>`, 0, 14, "a < within a tag"},
		{`<r a=<Event/>`, 0, 5, "a < within a tag"},
		{`<!DOCTYPE r [<!ENTITY x "y">]><r/>`, 0, 13, "a < within a tag"},
		{`<!-x>`, 0, 3, "where <!-- should be"},
		{strings.Repeat("<r>", 10_001), 0, 30_001, "nested more than 10000 deep"},
	} {
		all, err := sameInEveryChunking(t, mustCompile(t, Spec{Format: "xml"}), []byte(c.data))
		var corrupt *CorruptError
		if !errors.As(err, &corrupt) || len(all) != c.before || corrupt.Offset != c.offset || !strings.Contains(corrupt.Reason, c.reason) {
			t.Errorf("%.40s: %d records, then %v; want %d, then %q at %d", c.data, len(all), err, c.before, c.reason, c.offset)
		}
	}
}

func TestTruncatedXMLIsCorruptAtEveryByte(t *testing.T) {
	const whole = `<?xml version="1.0"?><r><!-- x --><Event a="1"><![CDATA[x]]><Event/></Event><Event/></r>`
	for n := 1; n < len(whole); n++ {
		if n == strings.Index(whole, "<r>") {
			continue // no element at all: an empty object
		}
		all, err := sameInEveryChunking(t, mustCompile(t, Spec{Format: "xml"}), []byte(whole[:n]))
		if !isCorrupt(err) || len(all) > 2 {
			t.Fatalf("%s: %d records, %v", whole[:n], len(all), err)
		}
	}
}

func TestXMLFields(t *testing.T) {
	fields := []string{"System/EventID", "System/Provider/@Name", "@xmlns", "System/Computer", "System", "UserData/x:Op", "System/EventID"}
	for _, c := range []struct {
		name, data string
		want       []string
	}{
		{"a Windows event", `<Event xmlns='urn:e'><System><Provider Name="Security" Guid='{1}'/><EventID>4624</EventID><Computer>host.example</Computer></System><UserData><x:Op>o</x:Op></UserData></Event>`, []string{"4624", "Security", "urn:e", "host.example", "", "o", "4624"}},
		{"absent", `<Event><EventID>1</EventID><a><System><EventID>2</EventID></System></a></Event>`, []string{absent, absent, absent, absent, absent, absent, absent}},
		{"empty", `<Event xmlns=""><System><EventID/><Computer></Computer></System></Event>`, []string{"", absent, "", "", "", absent, ""}},
		{"the first counts", `<Event><System><EventID>1</EventID><EventID>2</EventID></System><System><EventID>3</EventID><Computer>c</Computer></System></Event>`, []string{"1", absent, absent, "c", "", absent, "1"}},
		{"text in front of the first child", `<Event><System>a<!-- b -->c<EventID>1<x/>2</EventID>d</System></Event>`, []string{"1", absent, absent, absent, "ac", absent, "1"}},
		{"references and CDATA", `<Event xmlns="&lt;&#65;&#x42;&quot;"><System><EventID>a&amp;<![CDATA[&amp;<x>]]>&apos;&gt;&other;&</EventID></System></Event>`, []string{`a&&amp;<x>'>&other;&`, absent, `<AB"`, absent, "", absent, `a&&amp;<x>'>&other;&`}},
		{"a > in an attribute, white space around =", "<Event a='>' xmlns\n=\t'u'><System/></Event>", []string{absent, absent, "u", absent, "", absent, absent}},
	} {
		t.Run(c.name, func(t *testing.T) {
			all, err := sameInEveryChunking(t, mustCompile(t, Spec{Format: "xml", Fields: fields}), []byte("<r>"+c.data+"</r>"))
			if err != nil || len(all) != 1 || !slices.Equal(all[0].Fields, c.want) {
				t.Fatalf("%+v, %v; want %q", all, err, c.want)
			}
		})
	}
}

// Elements of one name are told apart by an attribute, as the data of a Windows
// event must be.
func TestXMLFieldsChosenByAttribute(t *testing.T) {
	fields := []string{"EventData/Data[@Name='IpAddress']", `EventData/Data[@Name="O'Neil/x"]`, "EventData/Data", "EventData/Data[@Name='IpAddress']/@Type", "EventData/Data[@Name='IpAddress']/Part", "EventData[@Name='x']/Data"}
	for _, c := range []struct {
		name, data string
		want       []string
	}{
		{"the right one", `<Data Name='User'>u</Data><Data Type="ip" Name="IpAddress">10.0.0.1<Part>p</Part></Data><Data Name="O'Neil/x">o</Data>`, []string{"10.0.0.1", "o", "u", "ip", "p", absent}},
		{"none", `<Data Name='ipaddress'>1</Data><Data Name='IpAddress '>2</Data><Data name='IpAddress'>3</Data><Data>IpAddress</Data><Other Name='IpAddress'>4</Other>`, []string{absent, absent, "1", absent, absent, absent}},
		{"the first of those", `<Data Name='IpAddress'>1</Data><Data Name='IpAddress' Type='t'>2<Part/></Data>`, []string{"1", absent, "1", "t", "", absent}},
		{"empty", `<Data Name='IpAddress'/><Data Name='IpAddress'>2</Data>`, []string{"", absent, "", absent, absent, absent}},
		{"references", `<Data Name='&#73;pAddress'>1</Data><Data Name='O&apos;Neil/x'>2</Data>`, []string{"1", "2", "1", absent, absent, absent}},
		{"nested", `<Data><Data Name='IpAddress'>no</Data></Data>`, []string{absent, absent, "", absent, absent, absent}},
	} {
		t.Run(c.name, func(t *testing.T) {
			all, err := sameInEveryChunking(t, mustCompile(t, Spec{Format: "xml", Fields: fields}), []byte("<Event><EventData>"+c.data+"</EventData></Event>"))
			if err != nil || len(all) != 1 || !slices.Equal(all[0].Fields, c.want) {
				t.Fatalf("%+v, %v; want %q", all, err, c.want)
			}
		})
	}
}

func TestALongElementIsCutAndItsFieldsReadFromWhatIsKept(t *testing.T) {
	element := `<Event><a>1</a><long>` + strings.Repeat("é", 100) + `</long><b>2</b></Event>`
	p := mustCompile(t, Spec{Format: "xml", Fields: []string{"a", "b", "long"}, MaxRecord: 64})
	all, err := sameInEveryChunking(t, p, []byte(element+`<Event><b>3</b></Event>`))
	if err != nil || len(all) != 2 {
		t.Fatalf("%d records, %v", len(all), err)
	}
	if g := all[0]; g.Raw != element[:63] || g.Lost != int64(len(element)-63) || !slices.Equal(g.Fields, []string{"1", absent, absent}) || all[1].Fields[1] != "3" {
		t.Fatalf("%+v", all)
	}
}

func TestXMLRestartsKnowTheirDepth(t *testing.T) {
	data := []byte(`<a><Event/><b><Event/><Event/></b></a><Event/>`)
	p := mustCompile(t, Spec{Format: "xml"})
	all, err := sameInEveryChunking(t, p, data)
	if err != nil || len(all) != 4 {
		t.Fatalf("%d records, %v", len(all), err)
	}
	for i, state := range []string{"", "plain\n2", "plain\n2", "plain\n0"} {
		if all[i].Restart.State != state {
			t.Errorf("record %d: state %q, want %q", i, all[i].Restart.State, state)
		}
	}
	sameFromEveryRestart(t, p, data, all)
	for _, state := range []string{"plain", "plain\nx", "plain\n-1"} {
		in := object(data[11:])
		in.Restart = Restart{Offset: 11, Index: 1, State: state}
		if all, err := read(p, in); err == nil || isCorrupt(err) || len(all) > 0 {
			t.Errorf("%q: %d records, %v", state, len(all), err)
		}
	}
}

func TestWhatXMLRefuses(t *testing.T) {
	for _, c := range []struct {
		options XMLOptions
		fields  []string
		want    string
	}{
		{XMLOptions{Element: "a b"}, nil, `element "a b"`},
		{XMLOptions{Encoding: "utf-7"}, nil, `encoding is "utf-7"`},
		{XMLOptions{}, []string{"a//b"}, "cannot be looked for"},
		{XMLOptions{}, []string{""}, "cannot be looked for"},
		{XMLOptions{}, []string{"@a/b"}, "cannot be looked for"},
		{XMLOptions{}, []string{"a/@"}, "cannot be looked for"},
		{XMLOptions{}, []string{strings.Repeat("a/", 16) + "a"}, "more than 16 segments"},
		{XMLOptions{}, []string{"a[@b='" + strings.Repeat("c", 256) + "']"}, "longer than 256 bytes"},
		{XMLOptions{}, []string{"a[@b]"}, "cannot be looked for"},
		{XMLOptions{}, []string{"a[b='c']"}, "cannot be looked for"},
		{XMLOptions{}, []string{"a[@b='c']d"}, "cannot be looked for"},
		{XMLOptions{}, []string{"a[@b c='c']"}, "cannot be looked for"},
		{XMLOptions{}, []string{"a[@b='c\"]"}, "cannot be looked for"},
		{XMLOptions{}, []string{"@a[@b='c']"}, "cannot be looked for"},
		{XMLOptions{}, []string{"a/"}, "cannot be looked for"},
	} {
		if _, err := Compile(Spec{Format: "xml", Options: &c.options, Fields: c.fields}); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v, %q: %v", c.options, c.fields, err)
		}
	}
}

func TestXMLInUTF16(t *testing.T) {
	var data []byte
	for _, c := range "\uFEFF<Events><Event>é</Event></Events>" {
		data = append(data, byte(c), byte(c>>8))
	}
	all, err := sameInEveryChunking(t, mustCompile(t, Spec{Format: "xml", Options: &XMLOptions{Encoding: "utf-16"}}), data)
	if err != nil {
		t.Fatal(err)
	}
	wantRaws(t, all, "<Event>é</Event>")
}

// windowsEvents are invented events in one root, of about size bytes.
func windowsEvents(size int) []byte {
	r := rand.New(rand.NewPCG(7, 8))
	var out bytes.Buffer
	out.WriteString("<?xml version=\"1.0\" encoding=\"utf-8\"?>\r\n<Events>")
	for out.Len() < size {
		fmt.Fprintf(&out, "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System><Provider Name='Microsoft-Windows-Security-Auditing' Guid='{%08x}'/><EventID>%d</EventID><Version>2</Version><Level>0</Level><Task>12544</Task><Opcode>0</Opcode><Keywords>0x8020000000000000</Keywords><TimeCreated SystemTime='2026-05-%02dT12:%02d:33.1234567Z'/><EventRecordID>%d</EventRecordID><Correlation/><Execution ProcessID='%d' ThreadID='%d'/><Channel>Security</Channel><Computer>host-%d.corp.example</Computer><Security/></System><EventData>\r\n",
			r.Uint32(), 4600+r.IntN(99), 1+r.IntN(28), r.IntN(60), r.Uint32(), r.IntN(9999), r.IntN(9999), r.IntN(500))
		for _, name := range []string{"SubjectUserSid", "SubjectUserName", "TargetUserSid", "TargetUserName", "LogonType", "WorkstationName", "ProcessName", "IpAddress"} {
			fmt.Fprintf(&out, "<Data Name='%s'>%x-%x</Data>\r\n", name, r.Uint32(), r.Uint64())
		}
		out.WriteString("</EventData></Event>")
	}
	out.WriteString("</Events>")
	return out.Bytes()
}
