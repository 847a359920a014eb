package parsers

import "bytes"

// The levels of a column's values tell where in the tree each belongs
// (https://github.com/apache/parquet-format#nested-encoding): the definition
// level, which of the groups above it are there; the repetition level, which
// list goes on with it. The first column below a group speaks for all; that the
// others agree is checked as they are read, so that a damaged level can give no
// row that was not written.

// members writes what is in a group, as an object. rep is the level with which
// its first values begin.
func (p *parquetRun) members(g *group, rep int) {
	p.text("{")
	first := true
	for _, m := range g.children {
		null := m.optional && m.leaves[0].definition() < m.def
		if null && p.omit {
			p.skipNull(m, rep)
			continue
		}
		if !first {
			p.text(",")
		}
		first = false
		p.text(m.name)
		p.field(m, rep)
	}
	p.text("}")
}

// field writes an element that may be null or repeated, in a group that is
// there.
func (p *parquetRun) field(g *group, rep int) {
	switch {
	case g.repeated:
		from := p.written()
		p.text("[")
		p.items(g, rep, func(rep int) { p.content(g, rep) })
		p.text("]")
		p.noted(g.node, from)
	case g.optional && g.leaves[0].definition() < g.def:
		p.skipNull(g, rep)
		p.text("null")
	default:
		p.there(g, rep)
	}
}

// skipNull passes over the one value that each column has in place of an
// element that is not there.
func (p *parquetRun) skipNull(g *group, rep int) {
	for _, c := range g.leaves {
		c.next(rep, g.def-1)
	}
}

// there writes an element that is there.
func (p *parquetRun) there(g *group, rep int) {
	from := p.written()
	p.content(g, rep)
	p.noted(g.node, from)
}

// noted notes what was written from the byte at on for the paths that lead to
// it.
func (p *parquetRun) noted(n *node, at int64) {
	if n != nil && p.fault == nil {
		p.mark(n, at)
	}
}

func (p *parquetRun) content(g *group, rep int) {
	switch g.shape {
	case leafShape:
		p.leaf(g.leaves[0], rep)
	case objectShape:
		p.members(g, rep)
	case listShape:
		p.field(g.children[0], rep)
	case mapShape:
		p.mapping(g, rep)
	}
	p.trim()
	if p.lost > maxTail && p.fault == nil {
		p.fault = damaged(0, "record %d is more than %d bytes longer than max_record", p.index, maxTail)
	}
}

func (p *parquetRun) leaf(c *column, rep int) {
	if !c.next(rep, c.def) {
		return
	}
	bits, b, ok := c.value()
	if !ok {
		c.damaged("values that end too early, or are none")
		return
	}
	c.form(&p.rendering, bits, b)
}

// mapping writes a map as an object. Of a path into it only the key itself is
// looked for.
func (p *parquetRun) mapping(g *group, rep int) {
	items := g.children[0]
	p.text("{")
	p.items(items, rep, func(rep int) {
		from := p.written()
		p.field(items.children[0], rep)
		n := p.keyNode(g.node, from)
		p.key(from)
		from = p.written()
		p.field(items.children[1], rep)
		p.noted(n, from)
	})
	p.text("}")
}

// keyNode is the node below n of the key that was just written, or nil.
func (p *parquetRun) keyNode(n *node, from int64) *node {
	if n == nil || p.lost > 0 {
		return nil
	}
	return n.match(bytes.Trim(p.out[from:], `"`))
}

// items calls item for each item of a repeated element.
func (p *parquetRun) items(g *group, rep int, item func(rep int)) {
	if g.leaves[0].definition() < g.def {
		p.skipNull(g, rep)
		return
	}
	item(rep)
	for i := 1; p.fault == nil && g.leaves[0].repetition() == g.rep; i++ {
		if i%lookAfter == 0 {
			if p.fault = p.ctx.Err(); p.fault != nil {
				return
			}
		}
		p.text(",")
		item(g.rep)
	}
}
