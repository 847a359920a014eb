package parsers

import (
	"strings"
	"testing"
)

func TestSyslog(t *testing.T) {
	fields := []string{"facility", "severity", "timestamp", "host", "app", "pid", "msgid", "structuredData", "message"}
	for _, c := range []struct {
		line string
		want string // the fields, separated by |; "" is an absent one
	}{
		{"<34>1 2026-10-11T22:14:15.003Z m.example.com su 7 ID47 - \uFEFF'su root' failed", "auth|crit|2026-10-11T22:14:15.003Z|m.example.com|su|7|ID47||'su root' failed"},
		{`<165>1 - - - - - [a@1 x="1 \"]"][b]`, `local4|notice||||||[a@1 x="1 \"]"][b]|`},
		{"<34>Oct 11 22:14:15 mymachine su: 'su root' failed", "auth|crit|Oct 11 22:14:15|mymachine|su||||'su root' failed"},
		{"Jan  1 00:00:00 host postfix/smtpd[123]: a: b", "||Jan  1 00:00:00|host|postfix/smtpd|123|||a: b"},
		{"2026-01-01T00:00:00.123456+00:00 host sshd[1]: x", "||2026-01-01T00:00:00.123456+00:00|host|sshd|1|||x"},
		{"<166>Jan  1 2026 00:00:00: %ASA-6-302013: Built", "local4|info|Jan  1 2026 00:00:00||%ASA-6-302013||||Built"},
		{"Jan  1 00:00:00 kernel: no host", "||Jan  1 00:00:00||kernel||||no host"},
		{"Jan  1 00:00:00 host last message repeated 3 times", "||Jan  1 00:00:00|host|||||last message repeated 3 times"},
		{"Feb 7 20:29:51 host app: m", "||Feb 7 20:29:51|host|app||||m"},
		{"<166>Jan 1 2026 00:00:00.123: %ASA-6-302013: Built", "local4|info|Jan 1 2026 00:00:00.123||%ASA-6-302013||||Built"},
		{"<191>anything", "local7|debug|||||||anything"},
	} {
		p := mustCompile(t, Spec{Format: "syslog", Fields: fields})
		all, err := sameInEveryChunking(t, p, []byte(c.line))
		if err != nil || len(all) != 1 || all[0].Unparsed != "" || all[0].Raw != c.line {
			t.Errorf("%q: %+v, %v", c.line, all, err)
			continue
		}
		if got := strings.ReplaceAll(strings.Join(all[0].Fields, "|"), absent, ""); got != c.want {
			t.Errorf("%q: fields %s, want %s", c.line, got, c.want)
		}
	}
}

func TestWhatIsNotSyslogIsUnparsed(t *testing.T) {
	lines := []string{"text", "<192>x", "<>x", "<1234>x", "<13", "Jan 100:00:00 h a: x", "Jan   1 00:00:00 h a: x", "Feb 7", "Foo  1 00:00:00 h a: x", "2026-01-01 00:00:00 h a: x", "<13>1 - h a p m", "<13>1 - h a p m [x", "<13>1 today h a p m -"}
	all, err := sameInEveryChunking(t, mustCompile(t, Spec{Format: "syslog"}), []byte(strings.Join(lines, "\n")))
	if err != nil {
		t.Fatal(err)
	}
	wantRaws(t, all, lines...)
	for _, g := range all {
		if g.Unparsed == "" {
			t.Errorf("%q passes for syslog", g.Raw)
		}
	}
}

func TestSyslogWithItsLengthInFront(t *testing.T) {
	p := mustCompile(t, Spec{Format: "syslog", Options: &SyslogOptions{Framing: "octets"}, MaxRecord: 64})
	data := "11 <13>one\ntwo13 <13>counted\n\n\n<13>a line\r\n101 <13>" + strings.Repeat("x", 96) + "\n3 two"
	want := []string{"<13>one\ntwo", "<13>counted\n", "<13>a line", "<13>" + strings.Repeat("x", 60), "two"}
	all, err := sameInEveryChunking(t, p, []byte(data))
	if err != nil {
		t.Fatal(err)
	}
	wantRaws(t, all, want...)
	if all[3].Lost != 36 || all[4].Unparsed == "" {
		t.Errorf("%+v", all[3:])
	}
	sameFromEveryRestart(t, p, []byte(data), all)

	all, err = sameInEveryChunking(t, p, []byte("7 <13>one14 <13>truncated"))
	if !isCorrupt(err) || len(all) != 1 {
		t.Errorf("a truncated message: %d records, %v", len(all), err)
	}
}
