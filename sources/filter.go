package sources

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
)

// A filter changes the value buf[from:] in place; like append, it returns the
// buffer. Filters allocate only where the buffer must grow.
type filter func(buf []byte, from int) []byte

// compileFilter is the filter for the text between two bars of a placeholder.
func compileFilter(text string) (filter, error) {
	name, argument, given := strings.Cut(text, ":")
	switch name {
	case "lower":
		if given {
			return nil, fmt.Errorf("lower takes nothing; write |lower")
		}
		return lower, nil
	case "trim":
		if argument == "" {
			return nil, fmt.Errorf("trim needs a suffix, such as |trim:.amazonaws.com")
		}
		return trim([]byte(argument)), nil
	case "replace":
		from, to, ok := strings.Cut(argument, ":")
		if from == "" || !ok {
			return nil, fmt.Errorf("replace needs what and by what, such as |replace:-:_")
		}
		return replace([]byte(from), []byte(to)), nil
	case "default":
		if !levelPattern.MatchString(argument) || len(argument) > maxValue {
			return nil, fmt.Errorf("default needs a value of 1 to %d of A-Z, a-z, 0-9, _ and -", maxValue)
		}
		return orDefault([]byte(argument)), nil
	}
	if near := Nearest(name, []string{"lower", "trim", "replace", "default"}); near != "" {
		return nil, fmt.Errorf("unknown filter %q; did you mean %s?", name, near)
	}
	return nil, fmt.Errorf("unknown filter %q; there are lower, trim, replace and default", name)
}

func lower(buf []byte, from int) []byte {
	for i := from; i < len(buf); i++ {
		if 'A' <= buf[i] && buf[i] <= 'Z' {
			buf[i] += 'a' - 'A'
		}
	}
	return buf
}

func trim(suffix []byte) filter {
	return func(buf []byte, from int) []byte {
		if bytes.HasSuffix(buf[from:], suffix) {
			return buf[:len(buf)-len(suffix)]
		}
		return buf
	}
}

func replace(from, to []byte) filter {
	return func(buf []byte, at int) []byte {
		for {
			i := bytes.Index(buf[at:], from)
			if i < 0 {
				return buf
			}
			at += i
			buf = slices.Replace(buf, at, at+len(from), to...)
			at += len(to)
		}
	}
}

func orDefault(value []byte) filter {
	return func(buf []byte, from int) []byte {
		if len(buf) == from {
			return append(buf, value...)
		}
		return buf
	}
}
