package main

// What tells headers from records, what every source ignores, and what old writers
// are forgiven.
func init() {
	mutants = append(mutants, []mutant{
		{
			name: "one known name makes a header", file: "parsers/header.go", pkg: "./parsers",
			old: "(known > 1 || known == len(cells))", new: "known > 0",
		},
		{
			name: "header of a joined file is a record", file: "parsers/lines.go", pkg: "./parsers",
			old: `l.opts.Header != "" && l.again(raw)`, new: "false",
		},
		{
			name: "value that is its column's name is a header", file: "parsers/columns.go", pkg: "./parsers",
			old: " && len(t.split(t.cells[:0], raw, 2)) > 1 {", new: " {",
		},
		{
			name: "first record of no header is dropped", file: "parsers/lines.go", pkg: "./parsers",
			old: "l.expect == nil || l.isHeader(raw)", new: "true",
		},
		{
			name: "separator of a header forgotten at a restart", file: "parsers/csv.go", pkg: "./parsers",
			old: "		row := []byte(c.remembered())\n		c.learnSeparator(row)\n", new: "		row := []byte(c.remembered())\n",
		},
		{
			name: "CR in front of a block's end ends no row with its LF", file: "parsers/csv.go", pkg: "./parsers",
			old: "		if f.pos == len(f.buf) {\n			err = f.more()\n		}\n		if err != nil && err != io.EOF {", new: "		if f.pos == len(f.buf) {\n			err = io.EOF\n		}\n		if err != nil && err != io.EOF {",
		},
		{
			name: "lines that continue are cut, not begun anew", file: "parsers/multiline.go", pkg: "./parsers",
			old: "match = !match || g.length", new: "match = !match || false && g.length",
		},
		{
			name: "test object of a vendor is a log", file: "sources/sources.go", pkg: "./sources",
			old: "m.Ignored = sharedRules().ignore.match(key); !m.Ignored", new: "m.Ignored = false; !m.Ignored",
		},
		{
			name: "what Firehose could not process is read", file: "sources/sources.go", pkg: "./sources",
			old: "m.Refused = sharedRules().refused(s.definition, key)", new: `m.Refused = ""`,
		},
		{
			name: "bytes behind a column's values forgiven to every writer", file: "parsers/parquet_legacy.go", pkg: "./parsers",
			old: `w.shortChunks = m[1] == "parquet-mr" && `, new: `w.shortChunks = m[1] == "parquet-mr" || `,
		},
		{
			name: "bytes behind Hadoop's last block passed over", file: "parsers/parquet_legacy.go", pkg: "./parsers",
			old: "err != nil || length > most-len(dst)", new: "err != nil && len(dst) == 0 || length > most-len(dst)",
		},
		{
			name: "bytes behind an xz block passed over", file: "parsers/internal/unpack/block.go", pkg: "./parsers",
			old: "more != io.EOF", new: "false && more != io.EOF",
		},
	}...)
}
