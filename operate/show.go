package operate

import (
	"bytes"
	"encoding/json"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/charmbracelet/lipgloss"

	"github.com/devo-s3/collector/internal/printable"
)

// wire are the line breaks that a record holds, as the wire carries them under
// multiline: escape. A record without any is left alone, backslashes included.
var wire = strings.NewReplacer("\\", `\\`, "\n", `\n`, "\r", `\r`, "\x00", `\0`)

// Text shows a record as a line, TAG<tab>RECORD. width is the terminal's, to
// which lines are cut, or 0: then w gets the record's very bytes. On a terminal
// no record can move the cursor or change a colour.
func Text(w io.Writer, width int) func(*Shown) error {
	tagStyle := lipgloss.NewRenderer(w).NewStyle().Foreground(lipgloss.Color("6"))
	var line []byte
	return func(s *Shown) error {
		raw := s.Raw
		if bytes.ContainsAny(raw, "\n\r\x00") {
			raw = []byte(wire.Replace(string(raw)))
		}
		if width == 0 {
			line = append(append(append(append(line[:0], s.Tag...), '\t'), raw...), '\n')
			_, err := w.Write(line)
			return err
		}
		const gap = 2
		tag := string(s.Tag)
		_, err := io.WriteString(w, tagStyle.Render(printable.Line(tag))+"  "+visible(raw, width-len(tag)-gap)+"\n")
		return err
	}
}

// visible is the beginning of a record that has at most so many characters, and
// at least 20; what a terminal would obey is shown as �.
func visible(raw []byte, most int) string {
	most = max(most, 20)
	var b strings.Builder
	for n := 0; len(raw) > 0; n++ {
		if n == most-1 && utf8.RuneCount(raw[:min(len(raw), 8)]) > 1 {
			b.WriteRune('…')
			break
		}
		c, size := utf8.DecodeRune(raw)
		switch {
		case c == '\t':
			c = ' '
		case !printable.Rune(c):
			c = utf8.RuneError
		}
		b.WriteRune(c)
		raw = raw[size:]
	}
	return b.String()
}

// A jsonLine is a Shown record in --format json.
type jsonLine struct {
	Source   string `json:"source"`
	Index    int64  `json:"index"`
	Tag      string `json:"tag"`
	Record   string `json:"record,omitempty"`
	Bytes    []byte `json:"record_base64,omitempty"` // in place of Record, where that would not be UTF-8
	Unparsed string `json:"unparsed,omitempty"`
	Lost     int64  `json:"lost_bytes,omitempty"`
}

// JSON shows a record as a line that is a JSON object, with nothing changed but
// that what is not printable is escaped.
func JSON(w io.Writer) func(*Shown) error {
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	return func(s *Shown) error {
		line := jsonLine{Source: s.Source, Index: s.Index, Tag: string(s.Tag), Unparsed: s.Unparsed, Lost: s.Lost}
		if utf8.Valid(s.Raw) {
			line.Record = string(s.Raw)
		} else {
			line.Bytes = s.Raw
		}
		out.Reset()
		if err := e.Encode(line); err != nil {
			return err
		}
		_, err := w.Write(printable.JSON(out.Bytes()))
		return err
	}
}
