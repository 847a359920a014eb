package local

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"time"
)

// The limits of the embedded metric format and of what it is turned into.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_Dimension.html
const (
	emfBytes      = 256 << 10 // of a line; AWS took 1 MB later
	emfMetrics    = 100       // of a directive
	emfValues     = 100       // of a metric
	emfDimensions = 30        // of a set
)

var emfUnits = []string{
	"", "Seconds", "Microseconds", "Milliseconds", "Bytes", "Kilobytes", "Megabytes", "Gigabytes", "Terabytes",
	"Bits", "Kilobits", "Megabits", "Gigabits", "Terabits", "Percent", "Count", "Bytes/Second", "Kilobytes/Second",
	"Megabytes/Second", "Gigabytes/Second", "Terabytes/Second", "Bits/Second", "Kilobits/Second", "Megabits/Second",
	"Gigabits/Second", "Terabits/Second", "Count/Second", "None",
}

// A Datum is what CloudWatch takes from a log line for one metric and one set
// of dimensions.
type Datum struct {
	Namespace, Name, Unit string
	Dimensions            map[string]string
	Time                  time.Time
	Values                []float64
}

type emfDirective struct {
	Namespace  *string
	Dimensions [][]string
	Metrics    []struct {
		Name              *string
		Unit              string
		StorageResolution *int
	}
}

// ReadEMF reads a log line as CloudWatch does. A line that does not claim to be
// of the embedded metric format has no data and no error; one that does, and
// breaks a rule of the specification, is an error, where CloudWatch would
// quietly take less, or nothing.
func ReadEMF(line []byte) ([]Datum, error) {
	var root map[string]json.RawMessage
	if json.Unmarshal(line, &root) != nil || root["_aws"] == nil {
		return nil, nil
	}
	if len(line) > emfBytes {
		return nil, fmt.Errorf("emf: line of %d bytes", len(line))
	}
	var meta struct {
		Timestamp         *int64
		CloudWatchMetrics []emfDirective
	}
	if err := strictly(root["_aws"], &meta); err != nil {
		return nil, fmt.Errorf("emf: _aws: %w", err)
	}
	if meta.Timestamp == nil || meta.CloudWatchMetrics == nil {
		return nil, errors.New("emf: _aws has no Timestamp, or no CloudWatchMetrics")
	}
	at := time.UnixMilli(*meta.Timestamp)
	if at.Year() < 2020 || at.Year() > 2100 {
		return nil, fmt.Errorf("emf: Timestamp %d is not in milliseconds", *meta.Timestamp)
	}
	var all []Datum
	for _, d := range meta.CloudWatchMetrics {
		data, err := d.read(root)
		if err != nil {
			return nil, fmt.Errorf("emf: %w", err)
		}
		for i := range data {
			data[i].Time = at
		}
		all = append(all, data...)
	}
	return all, nil
}

// strictly refuses members that the specification does not have.
func strictly(text []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return err
	}
	if _, err := d.Token(); err != io.EOF {
		return errors.New("something follows")
	}
	return nil
}

func (d *emfDirective) read(root map[string]json.RawMessage) (all []Datum, err error) {
	switch {
	case d.Namespace == nil || *d.Namespace == "" || len(*d.Namespace) > 1024 || strings.HasPrefix(*d.Namespace, "AWS/"):
		return nil, errors.New("a directive's Namespace is missing or not allowed")
	case len(d.Dimensions) == 0:
		return nil, errors.New("a directive has no set of Dimensions")
	case len(d.Metrics) == 0 || len(d.Metrics) > emfMetrics:
		return nil, fmt.Errorf("a directive of %d Metrics", len(d.Metrics))
	}
	for _, set := range d.Dimensions {
		values, err := readDimensions(root, set)
		if err != nil {
			return nil, err
		}
		for _, m := range d.Metrics {
			switch {
			case m.Name == nil || *m.Name == "" || len(*m.Name) > 1024:
				return nil, errors.New("a metric without a name")
			case !slices.Contains(emfUnits, m.Unit):
				return nil, fmt.Errorf("%s: unit %q", *m.Name, m.Unit)
			case m.StorageResolution != nil && *m.StorageResolution != 1 && *m.StorageResolution != 60:
				return nil, fmt.Errorf("%s: StorageResolution %d", *m.Name, *m.StorageResolution)
			}
			numbers, err := readValues(root[*m.Name])
			if err != nil {
				return nil, fmt.Errorf("%s: %w", *m.Name, err)
			}
			all = append(all, Datum{Namespace: *d.Namespace, Name: *m.Name, Unit: m.Unit, Dimensions: values, Values: numbers})
		}
	}
	return all, nil
}

func readDimensions(root map[string]json.RawMessage, set []string) (map[string]string, error) {
	if len(set) > emfDimensions {
		return nil, fmt.Errorf("a set of %d dimensions", len(set))
	}
	values := make(map[string]string)
	for _, name := range set {
		var value *string
		if err := json.Unmarshal(root[name], &value); err != nil || value == nil {
			return nil, fmt.Errorf("dimension %q is not a string at the root", name)
		}
		odd := func(r rune) bool { return r < ' ' || r > '~' }
		if name == "" || len(name) > 255 || strings.HasPrefix(name, ":") || strings.TrimSpace(*value) == "" ||
			len(*value) > 1024 || strings.ContainsFunc(name+*value, odd) {
			return nil, fmt.Errorf("dimension %q has the value %q", name, *value)
		}
		values[name] = *value
	}
	return values, nil
}

// readValues takes a number, or a list of up to 100.
func readValues(text json.RawMessage) (numbers []float64, err error) {
	var one *float64
	if json.Unmarshal(text, &one) == nil && one != nil {
		numbers = []float64{*one}
	} else if err := json.Unmarshal(text, &numbers); err != nil {
		return nil, errors.New("no number, or list of numbers, at the root")
	}
	if len(numbers) == 0 || len(numbers) > emfValues {
		return nil, fmt.Errorf("%d values", len(numbers))
	}
	for _, n := range numbers {
		if size := math.Abs(n); size > math.Exp2(360) {
			return nil, fmt.Errorf("value %v", n)
		}
	}
	return numbers, nil
}
