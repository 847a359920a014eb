package config

import (
	"strings"
	"testing"
)

func TestBucketNames(t *testing.T) {
	long := strings.Repeat("L", 255)
	for _, c := range []struct{ name, existing, made string }{
		{name: "acme-logs"},
		{name: "a.b.c"},
		{"Acme_Logs", "", "3 to 63"}, // us-east-1 before March 2018
		{long, "", "3 to 63"},
		{long + "L", "is no bucket name", "is no bucket name"},
		{"ab", "is no bucket name", "is no bucket name"},
		{"a/b", "is no bucket name", "is no bucket name"},
		{"a..b", "", "two dots"},
		{"192.168.5.4", "", "IP address"},
		{"-ab", "", "3 to 63"},
		{"xn--logs", "", "begin it with none"},
		{"sthree-logs", "", "begin it with none"},
		{"logs-111122223333-us-east-1-an", "", "namespace"},
		{"logs--use1-az4--x-s3", "directory bucket", "directory bucket"},
		{"my-ap-hrzrlukc5m36ft7okagglf3gmwluquse1b-s3alias", "list-access-points", "list-access-points"},
		{"my-olap-hrzrlukc5m36ft7o--ol-s3", "access point", "access point"},
		{"mfzwi23gnjvgw.mrap", "no general purpose bucket", "no general purpose bucket"},
	} {
		for make, want := range map[string]string{"": c.existing, ", make: [bucket]": c.made} {
			_, err := Parse("acme.yaml", []byte(strings.Replace(in("eu-west-1", "aws"), "name: logs", `name: "`+c.name+`"`+make, 1)))
			switch {
			case want == "" && err != nil:
				t.Errorf("%s%s: %v", c.name, make, err)
			case want != "" && (err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "acme.yaml:11:22")):
				t.Errorf("%s%s: %v, want %q", c.name, make, err, want)
			}
		}
	}
}
