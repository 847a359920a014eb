package parsers

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

// jsonSeeds are documents that are hard to cut.
var jsonSeeds = []string{
	`{"Records":[]}`,
	`{"Records":[{"a":"1"},{"a":2},{"a":null},{"a":true}]}`,
	`{"Records":[{"a":"}]"},{"a":"\"}]"},{"a":"\\"},{"a":"\\\""},{"a":"\u007d\u0041"}],"x":1}`,
	`{"x":{"Records":[1,2]},"y":"Records","Records":[{"a":1}],"z":[{"Records":[]}]}`,
	"{\r\n  \"Records\" : [\r\n    {\r\n      \"a\" : \"1\" ,\n \"b\" : { \"c\" :\n{ \"d\" : [ 1 , 2 ] } }\r\n    } ,\r\n  {}\n ]\r\n}\r\n",
	`[1,"two",[3,{"a":4}],null,true,-1.5e+3,{"a":[]},[],{}]`,
	`["]","\"","\\",""," "]`,
	` [ ] `, `[[[[]]],[{}]]`,
	`{"Records":[{"userIdentity":{"accountId":"1","x":{"accountId":"2"}},"x":{"a":1,"userIdentity":{"accountId":"3"}}}]}`,
	`{"Records":[{"a":1,"a":2,"b":{"c":{"d":1}},"b":{"c":{"d":"2"}}},{"a":1,"a":null},{"b":1,"b":{"c":[{"d":3}]}}]}`,
	`{"Records":[{"x":"a","y":"\"a\":1","z":["a",":"],"a":"\ud83d\ude00\ud800\n\/"}]}`,
	`{"Records":[{"\u0061":"escaped key","\u00e9":1,"é":"2"}]}`,
	`{"Rec\u006frds":[{"a":1}],"Records":[{"a":2}]}`,
	`{"a":{"b":[{"a":1}],"b":[{"a":2}]},"a":{"c":1}}`,
	"\uFEFF[{\"a\":1}]", "[{\"a\":\"\xff\xfe\",\"é\":\"\xc3\"}]",
	`{"Records":[{"a":"` + "\x01\t" + `"}]}`,
	`{"Records":null}`, `{"Records":{}}`, `{"records":[]}`, `[{"a":1}`, `[1,]`, `[,1]`, `[1 2]`, `[{"a":1}{"a":2}]`, `{"Records":[]}{"Records":[]}`, `[}`, `[{]}]`, `[{"a":[1},2]`, `[{"a":1]]`,
	`[{"a" 1 \ "b":2}]`, `[{"a":"x","a":tru},{"b":}]`, `nul`, `"`, `{"Records`, `{"Records":[{"a":"\`, `{"a":{"b":[{"b":{"c":{"d":"` + "\u2028" + `"}}}]}}`,
}

func jsonAt(t testing.TB, path string, fields ...string) *Parser {
	t.Helper()
	return mustCompile(t, Spec{Format: "json", Options: &JSONOptions{Path: pathsOf(path)}, Fields: fields})
}

// pathsOf are the paths that "a.b,c" stands for: a.b and a.c.
func pathsOf(path string) (all Paths) {
	around := path[:strings.LastIndexByte(path, '.')+1]
	for key := range strings.SplitSeq(path[len(around):], ",") {
		all = append(all, around+key)
	}
	return all
}

func TestJSONRecordsAreCutOutAsTheyStand(t *testing.T) {
	for _, c := range []struct {
		name, path, data string
		want             []string
	}{
		{"no bytes", "Records", "", nil},
		{"an empty array", "Records", `{"Records":[]}`, nil},
		{"an empty export: null for the array", "Records", `{"Records":null,"x":1}`, nil},
		{"null for one array of two", "r,s", `{"r":null,"s":[1]}`, []string{"1"}},
		{"null for what is around the array", "a.b", `{"a":null}`, nil},
		{"null for the document", "", " null\n", nil},
		{"the document is the array", "", ` [ {"a": 1.0 } , 2 ] `, []string{`{"a": 1.0 }`, `2`}},
		{"elements of every type", "", `[1,"two",[3],null,true,{"a":{}},-1e+5]`, []string{`1`, `"two"`, `[3]`, `null`, `true`, `{"a":{}}`, `-1e+5`}},
		{"closers and quotes in strings", "Records", `{"Records":[{"a":"}]},{\"\\"},{"b":"\\\"}]"}]}`, []string{`{"a":"}]},{\"\\"}`, `{"b":"\\\"}]"}`}},
		{"the path's key elsewhere", "Records", `{"x":{"Records":[1]},"y":"Records","z":["Records",[2]],"Records":[3]}`, []string{"3"}},
		{"a longer path", "a.b", `{"b":[1],"a":{"x":{"b":[2]},"b":[3,4],"y":{}},"z":0}`, []string{"3", "4"}},
		{"the path's key escaped", "Records", `{"Rec\u006frds":[1]}`, []string{"1"}},
		{"the path's key twice", "Records", `{"Records":[1,2],"x":1,"Records":[3]}`, []string{"1", "2", "3"}},
		{"pretty-printed: line breaks become spaces", "", "[\r\n  {\r\n\t\"a\":\n1\r\n  },\n  2\r]\n", []string{"{  \t\"a\": 1    }", "2"}},
		{"a byte order mark", "", "\uFEFF[1]", []string{"1"}},
		{"raw control characters", "", "[\"\x00\x01\t\"]", []string{"\"\x00\x01\t\""}},
		{"balanced, but not JSON", "", `[{"a" 1,,:tru},[\],nil]`, []string{`{"a" 1,,:tru}`, `[\]`, `nil`}},
		{"as deep as may be", "", "[" + strings.Repeat("[", 10_000) + strings.Repeat("]", 10_000) + "]", []string{strings.Repeat("[", 10_000) + strings.Repeat("]", 10_000)}},
		{"longer than a block", "", `["` + strings.Repeat(`\"`, 200<<10) + `",2]`, []string{`"` + strings.Repeat(`\"`, 200<<10) + `"`, "2"}},
		{"several arrays", "r,s", `{"s":[1],"x":[2],"r":[3,4],"y":[],"t":[5],"s":[]}`, []string{"1", "3", "4"}},
		{"one of several arrays", "a.r,s", `{"s":[1],"a":{"s":[2]}}`, []string{"2"}},
		{"an envelope of many keys", "Records", `{` + strings.Repeat(`"x":[{}],`, 50_000) + `"Records":[1]` + strings.Repeat(`,"x":"y"`, 50_000) + `}`, []string{"1"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			all, err := sameInEveryChunking(t, jsonAt(t, c.path), []byte(c.data))
			if err != nil {
				t.Fatal(err)
			}
			wantRaws(t, all, c.want...)
			all, err = read(jsonAt(t, c.path), object(pack([]byte(c.data))))
			if err != nil {
				t.Fatal(err)
			}
			wantRaws(t, all, c.want...)
		})
	}
}

func TestWhatIsNotSuchADocumentIsCorruptWithItsOffset(t *testing.T) {
	for _, c := range []struct {
		path, data string
		before     int // records
		offset     int64
		reason     string
	}{
		{"Records", `{"records":[1]}`, 0, 15, `no array at "Records"`},
		{"Records", `{}`, 0, 2, `no array at "Records"`},
		{"Records", `{"Records":nil}`, 0, 12, `[ at "Records"`},
		{"Records", `{"Records":nullx}`, 0, 15, "a comma or }"},
		{"Records", `{"Records":nul`, 0, 14, "truncated"},
		{"Records", `null`, 0, 0, `{ at the top`},
		{"", `null[1]`, 0, 4, "the document's end"},
		{"Records", `{"Records":{"a":1}}`, 0, 11, `[ at "Records"`},
		{"a.b", `{"a":[1]}`, 0, 5, `{ at "a"`},
		{"a.b,c", `{"a":{"d":[1]},"b":[2]}`, 0, 23, `no array at "a.b" or "a.c"`},
		{"b,c", `{"b":[1],"c":0}`, 1, 13, `[ at "b" or "c"`},
		{"", `{"a":1}`, 0, 0, `[ at the top`},
		{"Records", `[1]`, 0, 0, `{ at the top`},
		{"", `[1,]`, 1, 3, "a value"},
		{"", `[,1]`, 0, 1, "a value"},
		{"", `[1 2]`, 1, 3, "a comma or ]"},
		{"", `[{"a":1}{"a":2}]`, 1, 8, "a comma or ]"},
		{"", `[1}`, 1, 2, "a comma or ]"},
		{"", `[{"a":[1},2]`, 0, 8, "unbalanced }"},
		{"", `[{"a":1]]`, 0, 7, "unbalanced ]"},
		{"", `[[1}]`, 0, 3, "unbalanced }"},
		{"", `[1]x`, 1, 3, "the document's end"},
		{"", `[1][2]`, 1, 3, "the document's end"},
		{"", "[1]\x00", 1, 3, "the document's end"},
		{"Records", `{Records:[1]}`, 0, 1, "a key"},
		{"Records", `{"Records" [1]}`, 0, 11, "a colon"},
		{"Records", `{"x":1 "Records":[1]}`, 0, 7, "a comma or }"},
		{"Records", `{"Records":[1],}`, 1, 15, "a key"},
		{"", "\xEF\xBB[1]", 0, 0, "byte 0xef where"},
		{"", `[` + strings.Repeat("[", 10_001), 0, 10_001, "nested more than 10000 deep"},
		{"", " ", 0, 1, "truncated"},
		{"", `["a`, 0, 3, "truncated"},
		{"", `[1`, 0, 2, "truncated"},
	} {
		t.Run(fmt.Sprintf("%s at %q", c.data[:min(len(c.data), 30)], c.path), func(t *testing.T) {
			all, err := sameInEveryChunking(t, jsonAt(t, c.path), []byte(c.data))
			var corrupt *CorruptError
			if !errors.As(err, &corrupt) {
				t.Fatalf("error %v", err)
			}
			if len(all) != c.before || corrupt.Offset != c.offset || !strings.Contains(corrupt.Reason, c.reason) {
				t.Fatalf("%d records, then %v; want %d, then %q at %d", len(all), err, c.before, c.reason, c.offset)
			}
		})
	}
}

func TestTruncatedJSONIsCorruptAtEveryByte(t *testing.T) {
	for _, path := range []string{"Records", "", "a.b", "a.b,c"} {
		for _, seed := range jsonSeeds {
			whole, err := read(jsonAt(t, path), object([]byte(seed)))
			if err != nil {
				continue
			}
			end := len(strings.TrimRight(seed, " \r\n"))
			for n := 1; n < end; n++ {
				for _, block := range []int{1, 0} {
					all, err := read(blocksOf(jsonAt(t, path), block), object([]byte(seed[:n])))
					if !isCorrupt(err) || len(all) > len(whole) {
						t.Fatalf("%q: %d records, error %v", seed[:n], len(all), err)
					}
				}
			}
		}
	}
}

func TestFields(t *testing.T) {
	for _, c := range []struct {
		name, record string
		a, bc        string
	}{
		{"in front and behind", `{"a":"1","x":{},"b":{"x":[],"c":"2"}}`, "1", "2"},
		{"white space", `{ "x" : 0 , "a" : 1 , "b" : { "c" : true } }`, "1", "true"},
		{"absent", `{"x":"a","b":{"x":"c"}}`, absent, absent},
		{"null", `{"a":null,"b":{"c":null}}`, absent, absent},
		{"empty strings", `{"a":"","b":{"c":""}}`, "", ""},
		{"objects and arrays as they stand", `{"a":{"x":[1, 2]},"b":{"c":["a",{"c":1}]}}`, `{"x":[1, 2]}`, `["a",{"c":1}]`},
		{"escapes", `{"a":"\u00e9\"\\\/\b\f\n\r\t","b":{"c":"x\ud83d\ude00y"}}`, "é\"\\/\b\f\n\r\t", "x😀y"},
		{"half a surrogate pair", `{"a":"\ud83d!","b":{"c":"\ude00\ud83d\u0041"}}`, "\uFFFD!", "\uFFFD\uFFFDA"},
		{"what is no escape stays", `{"a":"\q\u12","b":{"c":"\u00zz"}}`, `\q\u12`, `\u00zz`},
		{"the same key nested elsewhere", `{"x":{"a":"no","b":{"c":"no"}},"y":[{"a":"no"}],"a":"1","b":{"x":{"c":"no"},"c":"2"},"c":"no"}`, "1", "2"},
		{"the key as a value", `{"x":"a","y":"b","z":["a","c"],"b":{"x":"c"}}`, absent, absent},
		{"the key within strings", `{"x":"\"a\":1","y":",\"a\": 2","b":{"x":"\"c\":3"}}`, absent, absent},
		{"longer keys", `{"aa":1,"xa":2,"a ":3," a":4,"b":{"cc":5,"C":6}}`, absent, absent},
		{"escaped keys", `{"\u0061":"1","b":{"\u0063":"2","x":"\\"}}`, "1", "2"},
		{"the last of the same key", `{"a":1,"a":2,"b":{"c":3,"c":4},"a":5}`, "5", "4"},
		{"the last of the same object that has it", `{"b":{"c":1},"b":{"x":2},"b":7}`, absent, "1"},
		{"not an object on the way", `{"a":1,"b":[{"c":2}]}`, "1", absent},
		{"no object at all", `[{"a":1}]`, absent, absent},
		{"a dot in the key is no path", `{"b.c":"no","b":{"c":"2"}}`, absent, "2"},
		{"a string with a brace behind a backslash", `{"x":"\\","a":"}","b":{"y":"\"{","c":"]"}}`, "}", "]"},
	} {
		t.Run(c.name, func(t *testing.T) {
			all, err := sameInEveryChunking(t, jsonAt(t, "", "a", "b.c", "a"), []byte("["+c.record+"]"))
			if err != nil || len(all) != 1 {
				t.Fatalf("%d records, %v", len(all), err)
			}
			if f := all[0].Fields; f[0] != c.a || f[1] != c.bc || f[2] != f[0] {
				t.Fatalf("%q, want %q and %q", f, c.a, c.bc)
			}
		})
	}
}
