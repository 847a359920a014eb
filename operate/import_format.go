package operate

import (
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
)

// A processor is how the old collector read objects: it gives the format here
// that does, and takes what it knows of the processor's configuration.
type processor func(s *converted, c *settings) (format string, options yaml.MapSlice)

// processors are those of https://devodocs.atlassian.net/wiki/spaces/latest/pages/1069875300,
// without the _processor that their names end in. Of the guessed ones only the
// name is public.
var processors = map[string]processor{
	"split_or_unseparated":     separated,
	"line_split":               lineSplit,
	"text_file":                textFile,
	"unseparated_json":         unseparatedJSON,
	"single_json_object":       singleJSON,
	"separated_json":           separatedJSON,
	"json_object_to_linesplit": arrayJSON,
	"aws_access_logs":          guess("lines"),
	"vpc_flow":                 guess("lines", option("header", "drop")),
	"guardduty":                guess("json", option("shape", "auto")),
	"windows_security":         guess("xml", option("element", "Event")),
	"jamf":                     guess("json", option("shape", "auto")),
	"dict":                     guess("json", option("shape", "single")),
	"json_line_arrays":         guess("json", option("shape", "concatenated")),
	"parquet":                  guess("parquet"),
	// The one whose name does not end in _processor.
	"unseparated_json_processor_extract_key": unseparatedJSON,
}

// texts are the formats above that have an encoding.
var texts = []string{"csv", "lines", "xml"}

func option(key string, value any) yaml.MapItem { return yaml.MapItem{Key: key, Value: value} }

// format converts file_format and encoding.
func (s *converted) format() {
	encoding := s.encoding()
	if !s.has("file_format") {
		if encoding != "" {
			s.set("options", yaml.MapSlice{option("encoding", encoding)})
		}
		return
	}
	f := s.object("file_format")
	name, c := f.text("type"), f.object("config")
	f.done()
	read := processors[strings.TrimSuffix(name, "_processor")]
	if read == nil {
		f.wrongf("type", "unknown processor %q", name)
		return
	}
	format, options := read(s, c)
	c.done()
	switch {
	case encoding == "":
	case slices.Contains(texts, format):
		options = append(options, option("encoding", encoding))
	default:
		s.changed("format", "the text was %s; format %s is UTF-8", encoding, format)
	}
	s.set("format", format)
	if len(options) > 0 {
		s.set("options", options)
	}
}

// encoding is the text's, in this project's words; "" for UTF-8. The same
// setting named the compression.
func (s *converted) encoding() string {
	const key = "encoding"
	switch old := s.text(key); strings.ToLower(old) {
	case "", "utf-8", "utf8", "none":
		return ""
	case "gzip", "gz", "zip", "bzip2", "bz2", "zstd", "snappy", "lz4", "xz", "parquet":
		s.note(s.settings, key, "compression is recognised by content")
		return ""
	case "latin-1", "latin1", "iso-8859-1":
		return "latin-1"
	case "utf-16", "utf16":
		return "utf-16"
	default:
		s.wrongf(key, "unknown encoding %q", old)
		return ""
	}
}

func guess(format string, options ...yaml.MapItem) processor {
	return func(s *converted, _ *settings) (string, yaml.MapSlice) {
		s.changed("format", "what that processor did is not documented; see with `collector try` that this is it")
		return format, options
	}
}

// wholeRecords is why nothing is cut out of a record, or renamed in it.
const wholeRecords = "a record is sent as its source wrote it"

// jsonOptions are a shape, for documents that are records, and with a key the
// path of the array whose elements are.
func jsonOptions(shape, arrayShape string, key []string) yaml.MapSlice {
	if len(key) == 0 {
		return yaml.MapSlice{option("shape", shape)}
	}
	return yaml.MapSlice{option("shape", arrayShape), option("path", strings.Join(key, "."))}
}

func separated(_ *converted, c *settings) (string, yaml.MapSlice) {
	return "json", jsonOptions("auto", "concatenated", c.texts("key"))
}

func unseparatedJSON(s *converted, c *settings) (string, yaml.MapSlice) {
	s.pass(c, map[string]string{"include": wholeRecords, "rename": wholeRecords})
	return "json", jsonOptions("auto", "concatenated", slices.Concat(c.texts("key"), c.texts("extraction_key")))
}

func singleJSON(s *converted, c *settings) (string, yaml.MapSlice) {
	s.pass(c, map[string]string{"key": wholeRecords + "; format json with a path takes an array apart"})
	return "json", jsonOptions("single", "", nil)
}

func arrayJSON(_ *converted, c *settings) (string, yaml.MapSlice) {
	return "json", jsonOptions("array", "array", slices.Concat(c.texts("key"), c.texts("keys")))
}

func separatedJSON(s *converted, c *settings) (string, yaml.MapSlice) {
	switch separator := c.text("separator"); {
	case separator == "" || separator == "\n":
		return "json", jsonOptions("lines", "", nil)
	case strings.TrimSpace(separator) != "":
		s.changed("format", "documents were separated by %q; format json knows white space only", separator)
	}
	return "json", jsonOptions("concatenated", "", nil)
}

func lineSplit(s *converted, c *settings) (string, yaml.MapSlice) {
	s.pass(c, map[string]string{
		"chunks": wholeRecords, "indices": wholeRecords, "substrings": wholeRecords + "; filters choose among records",
		"regex": wholeRecords + "; filters choose among records",
	})
	if c.flag("json") {
		return "json", jsonOptions("lines", "", nil)
	}
	return "lines", nil
}

func textFile(s *converted, c *settings) (string, yaml.MapSlice) {
	if end := c.text("line_separator"); strings.Trim(end, "\r\n") != "" {
		s.changed("format", "lines ended in %q; here they end in LF or CR LF", end)
	}
	header, toJSON := c.flag("header"), c.flag("use_json")
	between, fields, names := c.text("header_field_separator"), c.text("field_separator"), c.texts("field_names")
	if between == "" {
		between = fields
	}
	switch {
	case toJSON && len(names) > 0:
		options := yaml.MapSlice{option("names", names), option("separator", separatorName(between)), option("quote", "none")}
		if header {
			options = append(options, option("header", "drop"))
		}
		return "csv", options
	case toJSON && header:
		return "lines", yaml.MapSlice{option("header", "json"), option("separator", separatorName(between))}
	case header:
		s.note(c, "header", "the header is not put in front of each record; lines with header: json makes objects with the columns' names")
		return "lines", yaml.MapSlice{option("header", "drop")}
	case toJSON || len(names) > 0:
		s.note(c, "field_separator", wholeRecords+"; without a header columns have no names but those of format csv")
	}
	return "lines", nil
}

// separatorName is a separator as our options have it.
func separatorName(text string) string {
	switch text {
	case "", ",":
		return "comma"
	case " ":
		return "space"
	case "\t":
		return "tab"
	case ";":
		return "semicolon"
	case "|":
		return "pipe"
	}
	return text
}
