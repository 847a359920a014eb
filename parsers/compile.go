package parsers

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/devo-s3/collector/parsers/internal/unpack"
)

// The bounds of Spec.MaxRecord in bytes. The upper one keeps a record that
// spans blocks, which is the only thing held whole, within an invocation's
// memory.
const (
	minMaxRecord = 64
	maxMaxRecord = 64 << 20
)

// maxMaxWindow is the upper bound of Spec.MaxWindow in bytes: what a function of
// any size can spare.
const maxMaxWindow = 2 << 30

// A Parser turns objects of one Spec into records. It is safe for concurrent
// use.
type Parser struct {
	spec        Spec // resolved: no value is left to a default
	fingerprint string
	older       string           // the fingerprint as versions before December 2026 have it
	cut         func(*run) error // cuts one object
	text        bool             // an object's first bytes are wanted, to see that it is text
	blockSize   int              // 0 is the default; tests make records cross every boundary
}

// A format is one row of the table of formats.
type format struct {
	options func() Options
	// compile checks options and fields, and gives what cuts one object.
	compile func(Spec) (func(*run) error, error)
	binary  bool // objects are no text
}

var formats = map[string]format{
	"lines":      {func() Options { return new(LinesOptions) }, compileLines, false},
	"csv":        {func() Options { return new(CSVOptions) }, compileCSV, false},
	"w3c":        {func() Options { return new(W3COptions) }, compileW3C, false},
	"cef":        {func() Options { return new(CEFOptions) }, compileCEF, false},
	"syslog":     {func() Options { return new(SyslogOptions) }, compileSyslog, false},
	"json":       {func() Options { return new(JSONOptions) }, compileJSON, false},
	"cloudwatch": {func() Options { return new(CloudWatchOptions) }, compileCloudWatch, false},
	"xml":        {func() Options { return new(XMLOptions) }, compileXML, false},
	"parquet":    {func() Options { return new(ParquetOptions) }, compileParquet, true},
	"avro":       {func() Options { return new(AvroOptions) }, compileAvro, true},
}

// Formats are the names of all formats, sorted.
func Formats() []string { return slices.Sorted(maps.Keys(formats)) }

// lookup is a format, or an error that lists the ones there are.
func lookup(name string) (format, error) {
	f, ok := formats[name]
	if !ok {
		return f, fmt.Errorf("unknown format %q; there are %s", name, strings.Join(Formats(), ", "))
	}
	return f, nil
}

// NewOptions is the empty value of a format's options, to decode YAML into
// strictly.
func NewOptions(format string) (Options, error) {
	f, err := lookup(format)
	if err != nil {
		return nil, err
	}
	return f.options(), nil
}

// Compile checks the whole of s; its error names each mistake.
func Compile(s Spec) (*Parser, error) {
	f, err := lookup(s.Format)
	if err != nil {
		return nil, err
	}
	if s.Options == nil {
		s.Options = f.options()
	}
	if s.MaxRecord == 0 {
		s.MaxRecord = DefaultMaxRecord
	}
	if s.Oversize == "" {
		s.Oversize = "cut"
	}
	s.MaxRatio = cmp.Or(s.MaxRatio, unpack.DefaultRatio)
	s.Fields = slices.Clone(s.Fields)

	var mistakes []error
	if s.MaxRecord < minMaxRecord || s.MaxRecord > maxMaxRecord {
		mistakes = append(mistakes, fmt.Errorf("max_record is %d bytes; it must be %d to %d", s.MaxRecord, minMaxRecord, maxMaxRecord))
	}
	if s.MaxWindow < 0 || s.MaxWindow > maxMaxWindow {
		mistakes = append(mistakes, fmt.Errorf("max_window is %d bytes; it must be up to %d", s.MaxWindow, maxMaxWindow))
	}
	if s.MaxRatio < 0 || s.MaxRatio > maxMaxRatio {
		mistakes = append(mistakes, fmt.Errorf("max_ratio is %d; it must be up to %d", s.MaxRatio, maxMaxRatio))
	}
	if s.Oversize != "cut" && s.Oversize != "fail" {
		mistakes = append(mistakes, fmt.Errorf("oversize is %q; it must be cut or fail", s.Oversize))
	}
	mistakes = append(mistakes, s.Preamble.check())
	cut, err := f.compile(s)
	mistakes = append(mistakes, err)
	if err := errors.Join(mistakes...); err != nil {
		return nil, fmt.Errorf("format %s: %w", s.Format, err)
	}
	older, err := fingerprint(s)
	if err != nil {
		return nil, fmt.Errorf("format %s: %w", s.Format, err)
	}
	same := s
	same.Fields = nil
	print, err := fingerprint(same)
	if err != nil {
		return nil, fmt.Errorf("format %s: %w", s.Format, err)
	}
	return &Parser{spec: s, fingerprint: print, older: older, cut: cut, text: !f.binary}, nil
}

// Fingerprint tells apart Parsers that might give other records or other
// indices for the same bytes: 32 hexadecimal digits of Revision and of the
// resolved Spec without its Fields, which change neither. It is the same in
// every process.
func (p *Parser) Fingerprint() string { return p.fingerprint }

// OlderFingerprint is the one that versions before December 2026 know the Parser
// by: with the Fields. Without Fields both are the same.
func (p *Parser) OlderFingerprint() string { return p.older }

func fingerprint(s Spec) (string, error) {
	revision := Revision
	if o, ok := s.Options.(revised); ok {
		revision = o.revision()
	}
	text, err := json.Marshal(struct {
		Revision int
		Spec     Spec
	}{revision, s})
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:16]), nil
}
