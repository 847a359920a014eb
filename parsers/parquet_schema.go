package parsers

import (
	"strings"

	"github.com/parquet-go/parquet-go/deprecated"
	pq "github.com/parquet-go/parquet-go/format"
)

// The limits of a schema, in levels of nesting and in bytes of a value of fixed
// length.
const (
	maxGroups = 64
	maxFixed  = 1 << 20
)

// A shape is how a group is written.
type shape uint8

const (
	leafShape   shape = iota
	objectShape       // its members
	listShape         // the items below its only child
	mapShape          // the keys and values below its only child
)

// A group is an element of the schema: a group, or a column.
type group struct {
	name     string // as JSON, with a colon
	shape    shape
	optional bool
	repeated bool
	rep, def int // the levels that say that it is there
	children []*group
	leaves   []*column // all columns below
	node     *node     // the paths that lead here, or nil
}

// bind builds the schema's tree and checks the metadata against it.
func (p *parquetRun) bind() error {
	elements := p.meta.Schema
	if len(elements) == 0 {
		return damaged(p.footerAt, "no schema")
	}
	root := p.root
	if len(root.children) == 0 {
		root = nil
	}
	elements[0].RepetitionType.Valid = false
	b := binder{p: p, rest: elements}
	schema, err := b.element(&group{node: root}, root, 0)
	if err != nil {
		return err
	}
	if len(b.rest) > 0 || schema.shape == leafShape {
		return damaged(p.footerAt, "%d columns, and %d elements of the schema that belong to none", len(p.columns), len(b.rest))
	}
	schema.shape = objectShape
	p.schema = schema
	return nil
}

// A binder builds the tree out of its elements in order.
type binder struct {
	p    *parquetRun
	rest []pq.SchemaElement
}

// element takes the next element, which is below above.
func (b *binder) element(above *group, n *node, depth int) (*group, error) {
	if len(b.rest) == 0 || depth == maxGroups {
		return nil, damaged(b.p.footerAt, "a schema that ends too early or is nested more than %d deep", maxGroups)
	}
	e := &b.rest[0]
	b.rest = b.rest[1:]
	g := &group{name: quoteMember(e.Name), rep: above.rep, def: above.def, node: n}
	if e.RepetitionType.Valid {
		g.optional = e.RepetitionType.V == pq.Optional
		g.repeated = e.RepetitionType.V == pq.Repeated
	}
	if g.optional || g.repeated {
		g.def++
	}
	if g.repeated {
		g.rep++
	}
	children := int(e.NumChildren.V)
	if children == 0 && e.Type.Valid {
		c, err := b.p.column(e, g)
		g.leaves = []*column{c}
		b.p.columns = append(b.p.columns, c)
		return g, err
	}
	g.shape = objectShape
	for range children {
		var below *node
		if len(b.rest) > 0 {
			below = n.match([]byte(b.rest[0].Name))
		}
		child, err := b.element(g, below, depth+1)
		if err != nil {
			return nil, err
		}
		g.children = append(g.children, child)
		g.leaves = append(g.leaves, child.leaves...)
	}
	if len(g.leaves) == 0 && depth > 0 { // the file itself may have none
		return nil, damaged(b.p.footerAt, "a group of the schema has no columns")
	}
	if g.repeated {
		for _, c := range g.children {
			c.hide()
		}
	}
	g.annotate(e)
	return g, nil
}

// annotate finds out whether the group is a list or a map
// (https://github.com/apache/parquet-format/blob/master/LogicalTypes.md#nested-types,
// its rules for old files included). One that is not built as it should be is
// written as it is built.
func (g *group) annotate(e *pq.SchemaElement) {
	if len(g.children) != 1 || !g.children[0].repeated {
		return
	}
	items := g.children[0]
	_, list := e.LogicalType.Value.(*pq.ListType)
	_, mapping := e.LogicalType.Value.(*pq.MapType)
	if c := e.ConvertedType; c.Valid {
		list = list || c.V == deprecated.List
		mapping = mapping || c.V == deprecated.Map || c.V == deprecated.MapKeyValue
	}
	switch {
	case mapping && len(items.children) == 2 && items.children[0].shape == leafShape:
		g.shape = mapShape
		items.hide()
	case list:
		g.shape = listShape
		items.hide()
		old := items.name == `"array":` || items.name == strings.TrimSuffix(g.name, `":`)+`_tuple":`
		if items.shape == objectShape && len(items.children) == 1 && !old && !items.children[0].repeated {
			items.shape = listShape // the item is its only child
		}
	}
}

// hide takes the paths away: none leads through a list.
func (g *group) hide() {
	g.node = nil
	for _, c := range g.children {
		c.hide()
	}
}

// column makes a column ready for the hot path.
func (p *parquetRun) column(e *pq.SchemaElement, g *group) (*column, error) {
	c := &column{p: p, number: len(p.columns) + 1, physical: e.Type.V, rep: g.rep, def: g.def}
	switch e.Type.V {
	case pq.Boolean, pq.ByteArray:
	case pq.Int32, pq.Float:
		c.width = 4
	case pq.Int64, pq.Double:
		c.width = 8
	case pq.Int96:
		c.width = 12
	case pq.FixedLenByteArray:
		if c.width = int(e.TypeLength.V); c.width < 1 || c.width > maxFixed {
			return nil, damaged(p.footerAt, "column %d: values of %d bytes", c.number, c.width)
		}
	default:
		return nil, damaged(p.footerAt, "column %d: unknown type %d", c.number, e.Type.V)
	}
	c.levels[0].width, c.levels[1].width = bitsFor(c.rep), bitsFor(c.def)
	c.form = logicalForm(e)
	if c.form == nil {
		c.form = convertedForm(e)
	}
	if c.form == nil {
		c.form = p.physicalForm(e)
	}
	return c, nil
}

func isBytes(e *pq.SchemaElement) bool {
	return e.Type.V == pq.ByteArray || e.Type.V == pq.FixedLenByteArray
}

func isFixed(e *pq.SchemaElement, n int32) bool {
	return e.Type.V == pq.FixedLenByteArray && e.TypeLength.V == n
}

func isInteger(e *pq.SchemaElement) bool {
	return e.Type.V == pq.Int32 || e.Type.V == pq.Int64
}

// logicalForm is that of the logical type; nil if there is none, or none that
// suits the physical one.
func logicalForm(e *pq.SchemaElement) form {
	switch l := e.LogicalType.Value.(type) {
	case *pq.StringType, *pq.EnumType:
		if isBytes(e) {
			return formString
		}
	case *pq.JsonType:
		if isBytes(e) {
			return formJSON
		}
	case *pq.BsonType:
		if isBytes(e) {
			return formBase64
		}
	case *pq.UUIDType:
		if isFixed(e, 16) {
			return formUUID
		}
	case *pq.Float16Type:
		if isFixed(e, 2) {
			return formHalf
		}
	case *pq.DecimalType:
		return decimalForm(e, l.Scale)
	case *pq.DateType:
		if e.Type.V == pq.Int32 {
			return formDate
		}
	case *pq.TimeType:
		if isInteger(e) {
			return timeForm(clock, l.Unit, l.IsAdjustedToUTC)
		}
	case *pq.TimestampType:
		if e.Type.V == pq.Int64 {
			return timeForm(timestamp, l.Unit, l.IsAdjustedToUTC)
		}
	case *pq.IntType:
		if isInteger(e) && !l.IsSigned {
			return unsignedForm(e)
		}
	case *pq.NullType:
		return formNull
	}
	return nil
}

func timeForm(of func(int64, string) form, unit pq.TimeUnit, utc bool) form {
	zone := ""
	if utc {
		zone = "Z"
	}
	switch unit.Value.(type) {
	case *pq.MilliSeconds:
		return of(1e3, zone)
	case *pq.MicroSeconds:
		return of(1e6, zone)
	case *pq.NanoSeconds:
		return of(1e9, zone)
	default:
		return nil
	}
}

func unsignedForm(e *pq.SchemaElement) form {
	if e.Type.V == pq.Int64 {
		return formUint64
	}
	return formUint32
}

func decimalForm(e *pq.SchemaElement, scale int32) form {
	switch {
	case scale < 0 || scale > maxScale:
		return nil
	case isInteger(e):
		return decimalInt(int(scale))
	case isBytes(e):
		return decimalBytes(int(scale))
	default:
		return nil
	}
}

// convertedForm is that of the old annotation, as logicalForm.
func convertedForm(e *pq.SchemaElement) form {
	if !e.ConvertedType.Valid {
		return nil
	}
	switch e.ConvertedType.V {
	case deprecated.UTF8, deprecated.Enum:
		if isBytes(e) {
			return formString
		}
	case deprecated.Json:
		if isBytes(e) {
			return formJSON
		}
	case deprecated.Bson:
		if isBytes(e) {
			return formBase64
		}
	case deprecated.Decimal:
		return decimalForm(e, e.Scale.V)
	case deprecated.Date:
		if e.Type.V == pq.Int32 {
			return formDate
		}
	case deprecated.TimeMillis:
		if e.Type.V == pq.Int32 {
			return clock(1e3, "Z")
		}
	case deprecated.TimeMicros:
		if e.Type.V == pq.Int64 {
			return clock(1e6, "Z")
		}
	case deprecated.TimestampMillis:
		if e.Type.V == pq.Int64 {
			return timestamp(1e3, "Z")
		}
	case deprecated.TimestampMicros:
		if e.Type.V == pq.Int64 {
			return timestamp(1e6, "Z")
		}
	case deprecated.Uint8, deprecated.Uint16, deprecated.Uint32, deprecated.Uint64:
		if isInteger(e) {
			return unsignedForm(e)
		}
	case deprecated.Interval:
		if isFixed(e, 12) {
			return formInterval
		}
	}
	return nil
}

func (p *parquetRun) physicalForm(e *pq.SchemaElement) form {
	switch e.Type.V {
	case pq.Boolean:
		return formBool
	case pq.Int96:
		return formInt96
	case pq.Float:
		return formFloat
	case pq.Double:
		return formDouble
	case pq.ByteArray, pq.FixedLenByteArray:
		return p.binary
	default:
		return formInt
	}
}
