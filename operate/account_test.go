package operate

import (
	"bytes"
	"compress/zlib"
	"encoding/json"
	"fmt"
	"io"
	"regexp"
	"strings"

	"golang.org/x/text/encoding/unicode"

	"github.com/devo-s3/collector/parsers"
	"github.com/devo-s3/collector/sources"
)

// accountFor is an error unless all bytes of content are in the records that a source
// makes of it, or are rightly in none.
func accountFor(s *sources.Source, content []byte, all []kept) error {
	if len(content) == 0 {
		return same(nil, all)
	}
	d := s.Definition()
	switch d.Format {
	case "cloudwatch":
		return accountCloudWatch(s, content, all)
	case "xml":
		return accountXML(content, all)
	case "avro":
		return accountAvro(content, all)
	case "parquet":
		return accountParquet(content, all)
	}
	if o, ok := d.Options.(*parsers.JSONOptions); ok && len(o.Path) > 0 {
		return accountPath(o.Path, content, all)
	}
	return accountText(d, content, all)
}

// preamble is a vendor's header in front of the records.
var preamble = regexp.MustCompile(`^(?:[A-Za-z][\w. -]*:.*\r?\n|\r?\n)*[A-Za-z][\w. -]*:.*$`)

// accountText is accountFor for what has no envelope but commas and brackets.
func accountText(d sources.Definition, content []byte, all []kept) error {
	if bytes.HasPrefix(content, []byte("\xff\xfe")) || bytes.HasPrefix(content, []byte("\xfe\xff")) {
		utf8, err := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewDecoder().Bytes(content)
		if err != nil {
			return err
		}
		content = utf8
	}
	if p := d.Preamble; p != nil {
		if header, body, ok := bytes.Cut(content, []byte("\n"+p.End+"\n")); ok && preamble.Match(header) {
			content = body
			if z, err := zlib.NewReader(bytes.NewReader(body)); err == nil {
				content, _ = io.ReadAll(z)
			}
		}
	}
	rendered := d.Format != "json" && givesJSON(d.Options)
	there, accounted, lost := make(map[string]int), int64(0), int64(0)
	for _, k := range all {
		text := []byte(k.raw)
		accounted += inked(text) + k.lost
		lost += k.lost
		if rendered && k.lost == 0 && !bytes.Contains(content, text) {
			text = spoken(text)
		}
		count(there, text, 1)
	}
	count(there, content, -1)
	missing, example := int64(0), ""
	for word, n := range there {
		if n < 0 {
			missing += int64(-n * len(word))
			example = word
		}
	}
	// A record may be cut within a word, of which two parts are then none.
	if missing > lost+int64(64*cutRecords(all)) {
		return fmt.Errorf("words of %d bytes are in no record, among them %.40q; %d bytes were cut", missing, example, lost)
	}
	structure := int64(8 + len(all)) // a byte order mark, brackets, commas
	if whole := inked(content); d.Format != "json" && whole > accounted+structure || d.Format == "json" && whole > accounted+2*structure {
		return fmt.Errorf("%d of %d bytes are accounted for", accounted, whole)
	}
	return nil
}

func cutRecords(all []kept) (n int) {
	for _, k := range all {
		if k.lost > 0 {
			n++
		}
	}
	return n
}

func givesJSON(o parsers.Options) bool {
	g, ok := o.(interface{ GivesJSON() bool })
	return ok && g.GivesJSON()
}

// inked counts the bytes above a space: the only ones that no format takes for
// a separator of records.
func inked(b []byte) (n int64) {
	for _, c := range b {
		if c > ' ' {
			n++
		}
	}
	return n
}

// count adds n for each word of text: what has letters and digits alone, which no
// encoding and no quoting changes.
func count(words map[string]int, text []byte, n int) {
	for word := range bytes.FieldsFuncSeq(text, func(c rune) bool {
		return (c < '0' || c > '9') && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z')
	}) {
		words[string(word)] += n
	}
}

// spoken are the keys and values of JSON, strings without their escapes.
func spoken(text []byte) (all []byte) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	for {
		switch token, err := d.Token(); {
		case err == io.EOF:
			return all
		case err != nil:
			return text
		case token == nil:
			all = append(all, "null\n"...)
		default:
			all = fmt.Append(all, token, "\n")
		}
	}
}

// oneLine makes spaces of line breaks, as records of JSON have them.
var oneLine = strings.NewReplacer("\n", " ", "\r", " ")

// same is an error unless the records are the texts, line breaks in them apart, in
// order and whole but for what was cut.
func same(texts []string, all []kept) error {
	if len(texts) != len(all) {
		return fmt.Errorf("%d records of %d in the file", len(all), len(texts))
	}
	for i, text := range texts {
		got, want := oneLine.Replace(all[i].raw), oneLine.Replace(text)
		if all[i].lost > 0 {
			want = want[:min(len(want), len(got))]
		}
		if got != want {
			return fmt.Errorf("record %d is %.80q, and %.80q is there", i, got, want)
		}
	}
	return nil
}
