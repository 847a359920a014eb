package local

import (
	"bytes"
	"cmp"
	"math/big"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// A value is an attribute's value as it is on the wire: one of the fields is
// set (https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_AttributeValue.html).
// Values are not changed once they are in a table.
type value struct {
	S    *string          `json:",omitempty"`
	N    *string          `json:",omitempty"`
	B    []byte           `json:",omitzero"`
	BOOL *bool            `json:",omitempty"`
	NULL *bool            `json:",omitempty"`
	SS   []string         `json:",omitzero"`
	NS   []string         `json:",omitzero"`
	BS   [][]byte         `json:",omitzero"`
	L    []value          `json:",omitzero"`
	M    map[string]value `json:",omitzero"`
}

type item map[string]value

// AWS's limits: levels of nesting, digits of a number.
const (
	maxNesting = 32
	maxDigits  = 38
)

// kinds are the names of the types that v has: exactly one if it is valid.
func (v value) kinds() (names []string) {
	fields := reflect.ValueOf(v)
	for i := range fields.NumField() {
		if !fields.Field(i).IsZero() {
			names = append(names, fields.Type().Field(i).Name)
		}
	}
	return names
}

// normal is v with its numbers and sets in the one form that makes equal
// values equal, or a ValidationException.
func (v value) normal(depth int) (value, error) {
	kinds := v.kinds()
	switch {
	case len(kinds) == 0:
		return v, invalid("Supplied AttributeValue is empty, must contain exactly one of the supported datatypes")
	case len(kinds) > 1:
		return v, invalid("Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes")
	case depth > maxNesting:
		return v, invalid("Nesting Levels have exceeded supported limits")
	}
	switch kinds[0] {
	case "N":
		n, err := normalNumber(*v.N)
		v.N = &n
		return v, err
	case "NS":
		v.NS = slices.Clone(v.NS)
		for i, s := range v.NS {
			n, err := normalNumber(s)
			if err != nil {
				return v, err
			}
			v.NS[i] = n
		}
		return v, normalSet(v.NS, strings.Compare)
	case "SS":
		return v, normalSet(v.SS, strings.Compare)
	case "BS":
		return v, normalSet(v.BS, bytes.Compare)
	case "L":
		l := make([]value, len(v.L))
		for i, e := range v.L {
			var err error
			if l[i], err = e.normal(depth + 1); err != nil {
				return v, err
			}
		}
		v.L = l
	case "M":
		m, err := normalItem(v.M, depth+1)
		v.M = m
		return v, err
	}
	return v, nil
}

func normalItem(in item, depth int) (item, error) {
	out := make(item, len(in))
	for name, v := range in {
		var err error
		if out[name], err = v.normal(depth); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func normalSet[T any](set []T, compare func(a, b T) int) error {
	slices.SortFunc(set, compare)
	same := func(a, b T) bool { return compare(a, b) == 0 }
	switch {
	case len(set) == 0:
		return invalid("One or more parameter values were invalid: An string set  may not be empty")
	case len(slices.CompactFunc(slices.Clone(set), same)) < len(set):
		return invalid("One or more parameter values were invalid: Input collection contains duplicates.")
	}
	return nil
}

var numberForm = regexp.MustCompile(`^[+-]?([0-9]{1,200}(\.[0-9]{0,200})?|\.[0-9]{1,200})([eE][+-]?[0-9]{1,3})?$`)

func normalNumber(s string) (string, error) {
	r, ok := new(big.Rat), numberForm.MatchString(s)
	if ok {
		r, ok = r.SetString(s)
	}
	if !ok {
		return "", invalid("The parameter cannot be converted to a numeric value: " + s)
	}
	return formatNumber(r)
}

func formatNumber(r *big.Rat) (string, error) {
	s := r.Num().String()
	if !r.IsInt() {
		s = strings.TrimRight(r.FloatString(130+maxDigits), "0")
	}
	digits := strings.Trim(strings.Replace(strings.TrimPrefix(s, "-"), ".", "", 1), "0")
	switch {
	case len(digits) > maxDigits:
		return "", invalid("Attempting to store more than 38 significant digits in a Number")
	case new(big.Rat).Abs(r).Cmp(numberLimit) >= 0:
		return "", invalid("Number overflow. Attempting to store a number with magnitude larger than supported range")
	}
	return s, nil
}

var numberLimit = new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(126), nil))

func (v value) rat() *big.Rat {
	r, _ := new(big.Rat).SetString(*v.N) // normal
	return r
}

func (v value) equal(other value) bool { return reflect.DeepEqual(v, other) }

// compare orders two values; false if they have no order.
func (v value) compare(other value) (int, bool) {
	switch {
	case v.S != nil && other.S != nil:
		return cmp.Compare(*v.S, *other.S), true
	case v.N != nil && other.N != nil:
		return v.rat().Cmp(other.rat()), true
	case v.B != nil && other.B != nil:
		return bytes.Compare(v.B, other.B), true
	}
	return 0, false
}

// length is what the function size gives; false for a type that has none.
func (v value) length() (int, bool) {
	switch {
	case v.S != nil:
		return utf8.RuneCountInString(*v.S), true
	case v.N != nil || v.BOOL != nil || v.NULL != nil:
		return 0, false
	}
	return len(v.B) + len(v.SS) + len(v.NS) + len(v.BS) + len(v.L) + len(v.M), true
}

// plain is v as a Go value: string, int64 or float64, []byte, bool, nil, and
// slices and maps of these.
func (v value) plain() any {
	switch v.kinds()[0] {
	case "S":
		return *v.S
	case "N":
		if r := v.rat(); r.IsInt() && r.Num().IsInt64() {
			return r.Num().Int64()
		}
		f, _ := v.rat().Float64()
		return f
	case "B":
		return v.B
	case "BOOL":
		return *v.BOOL
	case "SS":
		return v.SS
	case "NS":
		return v.NS
	case "BS":
		return v.BS
	case "L":
		l := make([]any, len(v.L))
		for i, e := range v.L {
			l[i] = e.plain()
		}
		return l
	case "M":
		return item(v.M).plain()
	}
	return nil
}

func (it item) plain() map[string]any {
	m := make(map[string]any, len(it))
	for name, v := range it {
		m[name] = v.plain()
	}
	return m
}

// bytes is the size that AWS's limits count, near enough: names and contents
// (https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html).
func (it item) bytes() (n int) {
	for name, v := range it {
		n += len(name) + v.bytes()
	}
	return n
}

func (v value) bytes() (n int) {
	switch {
	case v.S != nil:
		return len(*v.S)
	case v.N != nil:
		return len(*v.N)/2 + 1
	case v.BOOL != nil || v.NULL != nil:
		return 1
	}
	n = len(v.B) + item(v.M).bytes()
	for _, s := range slices.Concat(v.SS, v.NS) {
		n += len(s)
	}
	for _, b := range v.BS {
		n += len(b)
	}
	for _, e := range v.L {
		n += e.bytes()
	}
	return n
}
