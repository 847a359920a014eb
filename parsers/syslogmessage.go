package parsers

import (
	"bytes"
	"strings"
)

// The parts of a syslog message.
const (
	syslogPriority = iota
	syslogFacility
	syslogSeverity
	syslogTimestamp
	syslogHost
	syslogApp
	syslogPID
	syslogMsgID
	syslogData
	syslogText
)

var syslogParts = [...]string{"priority", "facility", "severity", "timestamp", "host", "app", "pid", "msgid", "structuredData", "message"}

// The keywords of syslog.conf, in the order of their codes.
var (
	facilities = strings.Fields("kern user mail daemon auth syslog lpr news uucp cron authpriv ftp ntp audit alert clock local0 local1 local2 local3 local4 local5 local6 local7")
	severities = strings.Fields("emerg alert crit err warning notice info debug")
)

// A syslogMessage has the parts that a message has. Those of its priority are
// all the same digits.
type syslogMessage struct {
	values   [len(syslogParts)][]byte
	priority int
}

// keyword is the priority's facility or severity.
func (m *syslogMessage) keyword(part int) string {
	if part == syslogFacility {
		return facilities[m.priority/8]
	}
	return severities[m.priority%8]
}

// read takes a message apart.
func (m *syslogMessage) read(b []byte) (ok bool) {
	rest, marked := m.readPriority(b)
	if after, ok := bytes.CutPrefix(rest, []byte("1 ")); ok && marked {
		return m.readNew(after)
	}
	m.values[syslogText] = rest
	n := oldDate(rest)
	if n == 0 {
		n = isoDate(rest)
	}
	if n > 0 {
		m.readOld(rest[:n], rest[n:])
	}
	return marked || n > 0
}

// readPriority reads the number in front, up to 191 and in angle brackets.
func (m *syslogMessage) readPriority(b []byte) (rest []byte, ok bool) {
	end := bytes.IndexByte(b[:min(len(b), len("<191>"))], '>')
	if end < 2 || b[0] != '<' {
		return b, false
	}
	digits := b[1:end]
	for _, c := range digits {
		if c-'0' >= 10 {
			return b, false
		}
		m.priority = m.priority*10 + int(c-'0')
	}
	if m.priority >= 8*len(facilities) {
		return b, false
	}
	m.values[syslogPriority], m.values[syslogFacility], m.values[syslogSeverity] = digits, digits, digits
	return b[end+1:], true
}

// readNew reads what is behind the version in a message of RFC 5424.
func (m *syslogMessage) readNew(b []byte) (ok bool) {
	for part := syslogTimestamp; part <= syslogMsgID; part++ {
		token, rest, found := bytes.Cut(b, []byte{' '})
		if !found || len(token) == 0 {
			return false
		}
		m.values[part], b = token, rest
	}
	if t := m.values[syslogTimestamp]; string(t) != "-" && isoDate(t) != len(t) {
		return false
	}
	n := dataEnd(b)
	if n == 0 {
		return false
	}
	m.values[syslogData] = b[:n]
	if text, ok := bytes.CutPrefix(b[n:], []byte{' '}); ok {
		m.values[syslogText] = bytes.TrimPrefix(text, []byte(byteOrderMark))
	}
	return true
}

// dataEnd is where the structured data that b begins with end; 0 if there are
// none.
func dataEnd(b []byte) int {
	if len(b) > 0 && b[0] == '-' && (len(b) == 1 || b[1] == ' ') {
		return 1
	}
	end, quoted := 0, false
	for i := 0; i < len(b); i++ {
		switch c := b[i]; {
		case i == end && c != '[':
			return 0
		case c == '"':
			quoted = !quoted
		case quoted && c == '\\':
			i++
		case quoted:
		case c == ']':
			end = i + 1
			if end == len(b) || b[end] == ' ' {
				return end
			}
		}
	}
	return 0
}

// readOld reads what is behind the date in a message of RFC 3164, whose host and
// tag may be missing.
func (m *syslogMessage) readOld(date, b []byte) {
	m.values[syslogTimestamp] = date
	b = bytes.TrimPrefix(bytes.TrimPrefix(b, []byte{':'}), []byte{' '})
	m.values[syslogText] = b
	if host, rest, ok := bytes.Cut(b, []byte{' '}); ok && !bytes.HasSuffix(host, []byte{':'}) && bytes.IndexByte(host, '[') < 0 {
		m.values[syslogHost], b = host, rest
		m.values[syslogText] = b
	}
	end := bytes.IndexAny(b, ":[ ")
	if end <= 0 || b[end] == ' ' {
		return
	}
	app, pid, rest := b[:end], []byte(nil), b[end:]
	if rest[0] == '[' {
		closing := bytes.IndexByte(rest, ']')
		if closing < 0 {
			return
		}
		pid, rest = rest[1:closing], rest[closing+1:]
	}
	text := bytes.TrimPrefix(rest, []byte{':'})
	if len(text) > 0 && text[0] != ' ' {
		return // a colon or a bracket of the text
	}
	m.values[syslogApp], m.values[syslogPID] = app, pid
	m.values[syslogText] = bytes.TrimPrefix(text, []byte{' '})
}

// oldDate is the length of the date that b begins with, such as
// "Jan  2 15:04:05" or "Jan 2 15:04:05", with a year before the time or fractions
// behind it.
func oldDate(b []byte) int {
	const months = "JanFebMarAprMayJunJulAugSepOctNovDec"
	if len(b) < 3 {
		return 0
	}
	if i := strings.Index(months, string(b[:3])); i < 0 || i%3 != 0 {
		return 0
	}
	for _, rest := range oldDates {
		if n := matchDigits(b[3:], rest); n > 0 {
			return dateEnd(b, 3+n)
		}
	}
	return 0
}

// oldDates are what follows the month. RFC 3164 pads a day of one digit with a
// space; many devices do not.
var oldDates = [...]string{" _0 00:00:00", " 0 00:00:00", " _0 0000 00:00:00", " 0 0000 00:00:00"}

// isoDate is the same for a date such as "2006-01-02T15:04:05.000Z".
func isoDate(b []byte) int {
	n := matchDigits(b, "0000-00-00T00:00:00")
	if n == 0 {
		return 0
	}
	return dateEnd(b, n)
}

// dateEnd is where, behind fractions and an offset, a date ends that goes to n
// at least.
func dateEnd(b []byte, n int) int {
	for n < len(b) && (b[n]-'0' < 10 || bytes.IndexByte([]byte(".,+-Z"), b[n]) >= 0 || b[n] == ':' && n+1 < len(b) && b[n+1]-'0' < 10) {
		n++
	}
	if n < len(b) && b[n] != ' ' && b[n] != ':' {
		return 0
	}
	return n
}

// matchDigits is the pattern's length if b begins with it: 0 stands for a digit,
// _ for a digit or a space.
func matchDigits(b []byte, pattern string) int {
	if len(b) < len(pattern) {
		return 0
	}
	for i := range len(pattern) {
		digit := b[i]-'0' < 10
		switch c := pattern[i]; {
		case c == '0' && digit, c == '_' && (digit || b[i] == ' '), c != '0' && c != '_' && b[i] == c:
		default:
			return 0
		}
	}
	return len(pattern)
}
