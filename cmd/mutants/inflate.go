package main

// What the decoder of deflate must refuse, and where it stops.
func init() {
	const decoder, rules = "parsers/internal/unpack/inflate/", "./parsers/internal/unpack/inflate"
	mutants = append(mutants, []mutant{
		{
			name: "deflate: bytes read ahead do not go back", file: decoder + "decoder.go", pkg: rules,
			old: "min(d.n>>3, uint(d.si))", new: "min(d.n>>3, uint(d.si), 6)",
		},
		{
			name: "deflate: history of the block before last", file: decoder + "decoder.go", pkg: rules,
			old: "d.history[d.kept-window:d.kept])", new: "d.history[:window])",
		},
		{
			name: "deflate: a stream's matches reach into the one before", file: decoder + "decoder.go", pkg: rules,
			old: "d.bits, d.n, d.kept = 0, 0, 0", new: "d.bits, d.n = 0, 0",
		},
		{
			name: "deflate: stored block by its length alone", file: decoder + "block.go", pkg: rules,
			old: "length^complement != 0xffff", new: "length^complement == 0",
		},
		{
			name: "deflate: code for lengths may be incomplete", file: decoder + "block.go", pkg: rules,
			old: "left != 0 {", new: "left < 0 {",
		},
		{
			name: "deflate: block without an end", file: decoder + "block.go", pkg: rules,
			old: "literals[endOfBlock] == 0", new: "false",
		},
		{
			name: "deflate: incomplete distances", file: decoder + "block.go", pkg: rules,
			old: "left > 0 && longest > 1 {", new: "longest > maxLength {",
		},
		{
			name: "deflate: over-subscribed code", file: decoder + "code.go", pkg: rules,
			old: "left = left<<1 - int(c.count[l])\n		if left < 0 {", new: "left = max(0, left<<1-int(c.count[l]))\n		if left < 0 {",
		},
		{
			name: "deflate: a match before the beginning, by the fast loop", file: decoder + "fast.go", pkg: rules,
			old: "if back > di+d.kept {", new: "if back > di+window {",
		},
		{
			name: "deflate: a match before the beginning, byte by byte", file: decoder + "symbol.go", pkg: rules,
			old: "if d.distance > d.di+d.kept {", new: "if d.distance > d.di+window {",
		},
		{
			name: "deflate: room for the longest match not kept", file: decoder + "fast.go", pkg: rules,
			old: "outSlack = 3 + 3 + 2 + 258 + copySlack", new: "outSlack = 3 + 3 + 2 + copySlack",
		},
		{
			name: "deflate: input for one load, not two", file: decoder + "fast.go", pkg: rules,
			old: "inSlack = 16", new: "inSlack = 0",
		},
		{
			name: "deflate: three literals of twelve bits", file: decoder + "tables.go", pkg: rules,
			old: "case all > literalBits ||", new: "case all > literalBits+1 ||",
		},
		{
			name: "deflate: second table of another code", file: decoder + "tables.go", pkg: rules,
			old: "s.next == 0 || s.from != from", new: "s.next == 0 || s.from < from",
		},
		{
			name: "gzip: length of the member unchecked", file: decoder + "wrapping.go", pkg: rules,
			old: " && binary.LittleEndian.Uint32(b[4:]) == r.size", new: "",
		},
		{
			name: "gzip: reserved flags pass", file: decoder + "wrapping.go", pkg: rules,
			old: " || flags >= flagReserved", new: "",
		},
	}...)
}
