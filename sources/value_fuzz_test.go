package sources

import (
	"cmp"
	"math/big"
	"net/netip"
	"regexp"
	"strings"
	"testing"
)

// An address is one exactly if net/netip says so, and the same.
func FuzzAddress(f *testing.F) {
	for _, s := range []string{
		"10.0.0.1", "0.0.0.0", "256.1.1.1", "01.1.1.1", "1.2.3", "1.2.3.4.5", "1..2.3", "::", "::1", "1::", "1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7::", "::2:3:4:5:6:7:8",
		"1:2:3:4:5:6:7:8:9", "1::2::3", "::ffff:10.0.0.1", "1:2:3:4:5:6:10.0.0.1", "1:2:3:4:5:6:7:10.0.0.1", "::1.2.3.4:5", "2001:DB8::aF", "12345::", ":1", "1:", ":::", "fe80::1%eth0", "",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		want, err := netip.ParseAddr(s)
		if err == nil && want.Zone() != "" {
			return
		}
		got, ok := parseAddress([]byte(s))
		if ok != (err == nil) || ok && got != want.Unmap() {
			t.Fatalf("%q: %s %t, want %s %v", s, got, ok, want, err)
		}
	})
}

var number = regexp.MustCompile(`^[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?0*[0-9]{1,3})?$`)

// Numbers are in the order in which math/big has them.
func FuzzDecimal(f *testing.F) {
	for _, s := range [][2]string{
		{"1", "2"},
		{"-1", "1"},
		{"0", "-0.00"},
		{"1.0", "1"},
		{"0.1", "1e-1"},
		{"10", "9.99"},
		{"-10", "-9.99"},
		{"00012", "12."},
		{".5", "5e-1"},
		{"+7", "7"},
		{"1790000000000000001", "1790000000000000002"},
		{"0.001e3", "1"},
		{"0e5", "0"},
		{"1e999", "2e998"},
		{".", "1"},
		{"e1", "1"},
		{"1e", "1"},
		{"1 ", "0x1"},
		{"1.2.3", "--1"},
		{"Inf", "NaN"},
	} {
		f.Add(s[0], s[1])
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		da, ok := parseDecimal([]byte(a))
		if number.MatchString(a) != ok && !regexp.MustCompile(`[eE][-+]?0*[0-9]{4}`).MatchString(a) {
			t.Fatalf("%q: a number %t", a, ok)
		}
		db, _ := parseDecimal([]byte(b))
		if !number.MatchString(a) || !number.MatchString(b) {
			return
		}
		if got, want := da.compare(&db), rational(a).Cmp(rational(b)); cmp.Compare(got, 0) != want || db.compare(&da) != -got {
			t.Fatalf("%s to %s: %d, want %d", a, b, got, want)
		}
	})
}

func rational(s string) *big.Rat {
	r, ok := new(big.Rat).SetString(strings.TrimSuffix(s, "."))
	if !ok {
		r, _ = new(big.Rat).SetString(strings.Replace(s, ".", ".0", 1)) // 1.e3
	}
	return r
}
