package parsers

import "testing"

// TestALargeObjectGivesItsMemoryBack, whether it is read to its end or not.
func TestALargeObjectGivesItsMemoryBack(t *testing.T) {
	before := large
	large = newBudget(100)
	defer func() { large = before }()
	data := largeFile(t)
	p := mustCompile(t, Spec{Format: "parquet"})
	for _, records := range []int{1, 3072} {
		in, _, _ := withRanged(data, Restart{})
		n, most := 0, 0
		for _, err := range p.Records(t.Context(), in) {
			if err != nil {
				t.Fatal(err)
			}
			most = max(most, len(large.tokens))
			if n++; n == records {
				break
			}
		}
		if n != records || most == 0 || len(large.tokens) != 0 {
			t.Errorf("%d records of %d, %d tokens, of which %d are left", n, records, most, len(large.tokens))
		}
	}
}
