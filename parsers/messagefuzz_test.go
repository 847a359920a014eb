package parsers

import (
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var (
	cefPattern = regexp.MustCompile(`(?s)(?:^| |\x{FEFF})CEF:([0-9.]+)` + strings.Repeat(`\|((?:[^|\\]|\\.)*)`, 5) + `\|((?:[^|\\]|\\.|\\$)*)(?:\|(.*))?$`)
	cefKey     = regexp.MustCompile(`(?:^| )([A-Za-z0-9_.\-\[\]]+)=`)
	cefPlain   = strings.NewReplacer(`\\`, `\`, `\|`, `|`, `\=`, `=`)
	cefBreaks  = strings.NewReplacer(`\\`, `\`, `\|`, `|`, `\=`, `=`, `\n`, "\n", `\r`, "\r")
)

func FuzzCEF(f *testing.F) {
	for _, s := range []string{
		"", "CEF:0|a|b|1|2|n|5|src=1 msg=a b\\=c d=e\r\n\nnot\n", "<13>Jan  1 00:00:00 h CEF:1.1|a\\|b\\\\|c|d|e|f|g", "CEF: CEF:0|a|b|c|d|e|f|x= msg=\\n\\r\\q\\ src=/?a=b&c=d  k=v",
		"xCEF:0|a|b|c|d|e|f|\n\uFEFFCEF:0|a|b|c|d|e|f\\|\\\n", "CEF:0|a|b|c|d|e\n", "CEF:0|a|b|1|2|n|5|src=1 msg=" + strings.Repeat("a b ", 40) + "\n",
	} {
		f.Add([]byte(s), false, uint16(len(s)/2))
		f.Add([]byte(s), true, uint16(3))
	}
	f.Fuzz(func(t *testing.T, data []byte, drop bool, split uint16) {
		if looksPacked(data) {
			return // FuzzUnpack's
		}
		o := &CEFOptions{}
		if drop {
			o.Others = "drop"
		}
		fields := []string{"deviceVendor", "severity", "src", "msg", "name"}
		p := mustCompile(t, Spec{Format: "cef", Options: o, Fields: fields, MaxRecord: fuzzMax})
		var want []got
		for i, text := range oracleLines(data) {
			want = append(want, cefOracle(oracleCut(text, i, len(fields)), text, fields, drop))
		}
		checkText(t, p, data, int(split), want)
		conserves(t, data, want)
	})
}

func cefOracle(g got, text string, fields []string, drop bool) got {
	m := cefPattern.FindStringSubmatch(text[:min(len(text), fuzzMax)])
	switch {
	case text == "":
		return g
	case m == nil && drop:
		g.Dropped = notCEF
		return g
	case m == nil:
		g.Unparsed = notCEF
		return g
	}
	values := map[string]string{}
	extension := m[8]
	keys := cefKey.FindAllStringSubmatchIndex(extension, -1)
	for i, k := range keys {
		end := len(extension)
		if i+1 < len(keys) {
			end = keys[i+1][0]
		} else if g.Lost > 0 {
			break
		}
		values[extension[k[2]:k[3]]] = cefBreaks.Replace(extension[k[1]:end])
	}
	for i, name := range cefNames {
		values[name] = cefPlain.Replace(m[i+1])
	}
	for i, f := range fields {
		if v, ok := values[f]; ok {
			g.Fields[i] = v
		}
	}
	return g
}

var (
	newSyslog   = regexp.MustCompile(`(?s)^<(\d{1,3})>1 ([^ ]+) ([^ ]+) ([^ ]+) ([^ ]+) ([^ ]+) (-|(?:\[(?:[^\]"]|"(?:[^"\\]|\\.)*")*\])+)(?: (.*))?$`)
	oldSyslog   = regexp.MustCompile(`(?s)^(?:<(\d{1,3})>)?(.*)$`)
	syslogDate  = regexp.MustCompile(`^(?:(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) [ \d]\d(?: \d{4})? \d\d:\d\d:\d\d|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:[0-9.,+\-Z]|:[0-9])*`)
	syslogFirst = regexp.MustCompile(`(?s)^([^ ]*) (.*)$`)
	syslogTag   = regexp.MustCompile(`(?s)^([^:\[ ]+)(?:\[([^\]]*)\]:?|:)(?: (.*))?$`)
)

var syslogSeeds = []string{
	"", "<165>1 2026-08-24T05:14:15.000003-07:00 h app 12 ID47 [a@1 b=\"c]\\\"\"][d] \uFEFFtext\r\n\n<13>1 - - - - - -\n", "<34>Oct 11 22:14:15 mymachine su[1]: 'su root' failed\nJan  1 00:00:00 h app: x\nx\n",
	"<192>x\n<7>x\n<>y\n<0>\n", "<166>Jan  1 2026 00:00:00: %ASA-6-302013: Built\n2026-01-01T00:00:00.1+00:00 h a/b[]: m\n", "Jan  1 00:00:00 app[7]: no host\nJan 12 00:00:00 h last message repeated\nJan 1 0",
	"13 <34>some text\n<34>line\n5 hello3 a\nb12 x", "40 <13>1 - h a - - - two\nlines of a message", "1 \n10", "0 x\n", "<13>1 - h a p m - " + strings.Repeat("x", 200) + "\n" + "200 " + strings.Repeat("y", 199) + "\n\n<1>z",
	"<13>1 2026-08-24T05:14:15Z: h a p m -\n<13>1 - h a p m [a]b\n<13>1 - h a p m \"x\"]\n", "99999999999 x\n",
}

func FuzzSyslog(f *testing.F) {
	for _, s := range syslogSeeds {
		f.Add([]byte(s), false, uint16(len(s)/2))
		f.Add([]byte(s), true, uint16(3))
	}
	f.Fuzz(func(t *testing.T, data []byte, octets bool, split uint16) {
		if looksPacked(data) {
			return // FuzzUnpack's
		}
		o := &SyslogOptions{}
		messages, ok := oracleLines(data), true
		if octets {
			o.Framing = "octets"
			messages, ok = framesOracle(data)
		}
		p := mustCompile(t, Spec{Format: "syslog", Options: o, Fields: syslogParts[:], MaxRecord: fuzzMax})
		var want []got
		for i, text := range messages {
			want = append(want, syslogOracle(oracleCut(text, i, len(syslogParts)), text))
		}
		if ok {
			checkText(t, p, data, int(split), want)
		} else if all, err := sameInEveryChunking(t, p, data); !isCorrupt(err) || cmp.Diff(want, withoutRestarts(all)) != "" {
			t.Fatalf("a truncated message: %v, %s", err, cmp.Diff(want, withoutRestarts(all)))
		}
		if !octets {
			conserves(t, data, want)
		}
	})
}

// framesOracle are the messages in data; not ok if the last one is truncated.
func framesOracle(data []byte) (messages []string, ok bool) {
	counted := regexp.MustCompile(`^([1-9][0-9]{0,9}) `)
	rest := strings.TrimPrefix(string(data), byteOrderMark)
	for {
		rest = strings.TrimLeft(rest, "\n")
		if rest == "" {
			return messages, true
		}
		if m := counted.FindStringSubmatch(rest); m != nil {
			n, _ := strconv.Atoi(m[1])
			if rest = rest[len(m[0]):]; n > len(rest) {
				return messages, false
			}
			messages = append(messages, strings.TrimSuffix(rest[:n], "\n"))
			rest = rest[n:]
			continue
		}
		text, after, ended := strings.Cut(rest, "\n")
		if ended {
			text = strings.TrimSuffix(text, "\r")
		}
		messages, rest = append(messages, text), after
	}
}

func syslogOracle(g got, text string) got {
	if text == "" {
		return g
	}
	text = text[:min(len(text), fuzzMax)]
	parts := make([]string, len(syslogParts))
	m := oldSyslog.FindStringSubmatch(text)
	priority, err := strconv.Atoi(m[1])
	if marked := err == nil && priority < 192; marked {
		parts[0] = m[1]
		parts[1] = facilities[priority>>3]
		parts[2] = severities[priority&7]
	} else {
		m = []string{text, "", text}
	}
	marked := parts[0] != ""
	switch {
	case marked && strings.HasPrefix(m[2], "1 "):
		m := newSyslog.FindStringSubmatch(text)
		if m == nil || m[2] != "-" && m[2] != syslogDate.FindString(m[2]) || m[2][0] > '9' {
			g.Unparsed = "not syslog"
			return g
		}
		copy(parts[3:], m[2:])
		parts[9] = strings.TrimPrefix(m[8], byteOrderMark)
	default:
		date := syslogDate.FindString(m[2])
		rest := m[2][len(date):]
		if date == "" || rest != "" && rest[0] != ' ' && rest[0] != ':' {
			if !marked {
				g.Unparsed = "not syslog"
				return g
			}
			parts[9] = m[2]
			break
		}
		parts[3] = date
		rest = strings.TrimPrefix(strings.TrimPrefix(rest, ":"), " ")
		if h := syslogFirst.FindStringSubmatch(rest); h != nil && !strings.HasSuffix(h[1], ":") && !strings.Contains(h[1], "[") {
			parts[4], rest = h[1], h[2]
		}
		parts[9] = rest
		if tag := syslogTag.FindStringSubmatch(rest); tag != nil {
			parts[5], parts[6], parts[9] = tag[1], tag[2], tag[3]
		}
	}
	for i, v := range parts {
		if v != "" && v != "-" {
			g.Fields[i] = v
		}
	}
	return g
}
