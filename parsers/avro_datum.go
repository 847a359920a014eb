package parsers

import (
	"encoding/binary"
	"fmt"
	"strings"

	"github.com/hamba/avro/v2"
)

// An avroType is a schema made ready for the hot path.
type avroType struct {
	kind    avro.Type
	form    form        // of a value that holds no others
	size    int         // of a fixed
	symbols []string    // of an enum, as JSON
	types   []*avroType // of a union, or the fields' of a record
	names   []string    // the fields', with quotes and a colon
	item    *avroType   // of an array or map
	known   []knownKey  // of a map: keys that are on paths
	node    *node       // the paths that lead here, or nil
}

// A knownKey is a key of a map whose value is of a type of its own: one with a
// node.
type knownKey struct {
	key string
	*avroType
}

// A place is a named type where a path is: a schema may hold itself, but paths
// end.
type place struct {
	schema avro.NamedSchema
	node   *node
}

// compile makes a schema ready.
func (a *avroRun) compile(s avro.Schema) (*avroType, error) {
	root := a.root
	if len(root.children) == 0 {
		root = nil
	}
	return a.compileType(s, root, make(map[place]*avroType), 0)
}

func (a *avroRun) compileType(s avro.Schema, n *node, done map[place]*avroType, depth int) (*avroType, error) {
	if depth++; depth > schemaDepth {
		return nil, fmt.Errorf("types that are nested more than %d deep", schemaDepth)
	}
	if ref, ok := s.(*avro.RefSchema); ok {
		s = ref.Schema()
	}
	t := &avroType{kind: s.Type(), node: n}
	if named, ok := s.(avro.NamedSchema); ok {
		if t := done[place{named, n}]; t != nil {
			return t, nil
		}
		done[place{named, n}] = t
	}
	var err error
	switch s := s.(type) {
	case *avro.NullSchema:
		t.form = formNull
	case *avro.PrimitiveSchema:
		t.form, err = a.primitive(s)
	case *avro.FixedSchema:
		t.size = s.Size()
		t.form, err = a.fixed(s)
	case *avro.EnumSchema:
		for _, symbol := range s.Symbols() {
			t.symbols = append(t.symbols, strings.TrimSuffix(quoteMember(symbol), ":"))
		}
	case *avro.UnionSchema:
		for _, member := range s.Types() {
			m, err := a.compileType(member, n, done, depth)
			if err != nil {
				return nil, err
			}
			t.types = append(t.types, m)
		}
	case *avro.RecordSchema:
		for _, f := range s.Fields() {
			m, err := a.compileType(f.Type(), n.match([]byte(f.Name())), done, depth)
			if err != nil {
				return nil, err
			}
			t.types = append(t.types, m)
			t.names = append(t.names, quoteMember(f.Name()))
		}
	case *avro.ArraySchema:
		t.item, err = a.compileType(s.Items(), nil, done, depth)
	case *avro.MapSchema:
		if t.item, err = a.compileType(s.Values(), nil, done, depth); err != nil || n == nil {
			break
		}
		for _, child := range n.children {
			m, err := a.compileType(s.Values(), child, done, depth)
			if err != nil {
				return nil, err
			}
			t.known = append(t.known, knownKey{child.key, m})
		}
	default:
		err = fmt.Errorf("a %s is no type of data", s.Type())
	}
	return t, err
}

// logical is the name of a logical type, also of one that the library does not
// know.
func logical(s avro.LogicalTypeSchema, p avro.PropertySchema) string {
	if l := s.Logical(); l != nil {
		return string(l.Type())
	}
	name, _ := p.Prop("logicalType").(string)
	return name
}

func (a *avroRun) primitive(s *avro.PrimitiveSchema) (form, error) {
	name := logical(s, s)
	switch s.Type() {
	case avro.Boolean:
		return formBool, nil
	case avro.Float:
		return formFloat, nil
	case avro.Double:
		return formDouble, nil
	case avro.String: // a uuid too is text already
		return formString, nil
	case avro.Bytes:
		if name == "decimal" && s.Logical() != nil {
			return avroDecimal(s.Logical())
		}
		return a.binary, nil
	case avro.Int:
		switch name {
		case "date":
			return formDate, nil
		case "time-millis":
			return clock(1e3, ""), nil
		}
	case avro.Long:
		if unit, local, ok := avroUnit(name, "timestamp-"); ok && local {
			return timestamp(unit, ""), nil
		} else if ok {
			return timestamp(unit, "Z"), nil
		}
		if unit, _, ok := avroUnit(name, "time-"); ok {
			return clock(unit, ""), nil
		}
	}
	return formInt, nil
}

// avroUnit is how many of a logical type's units there are in a second.
func avroUnit(name, prefix string) (perSecond int64, local, ok bool) {
	name, local = strings.CutPrefix(name, "local-")
	name, ok = strings.CutPrefix(name, prefix)
	perSecond = map[string]int64{"millis": 1e3, "micros": 1e6, "nanos": 1e9}[name]
	return perSecond, local, ok && perSecond > 0
}

func (a *avroRun) fixed(s *avro.FixedSchema) (form, error) {
	switch name := logical(s, s); {
	case name == "decimal" && s.Logical() != nil:
		return avroDecimal(s.Logical())
	case name == "duration" && s.Size() == 12:
		return formInterval, nil
	case name == "uuid" && s.Size() == 16:
		return formUUID, nil
	default:
		return a.binary, nil
	}
}

func avroDecimal(l avro.LogicalSchema) (form, error) {
	d, ok := l.(*avro.DecimalLogicalSchema)
	if !ok || d.Scale() < 0 || d.Scale() > maxScale {
		return nil, fmt.Errorf("a decimal must have a scale of 0 to %d", maxScale)
	}
	return decimalBytes(d.Scale()), nil
}

// A datum is the binary form of a block's values
// (https://avro.apache.org/docs/1.12.0/specification/#binary-encoding).
type datum struct {
	data  []byte
	at    int
	depth int
	bad   string // why it cannot be read further
	// credit is how many units are left until the next look, and fault why that
	// ended the block.
	credit int
	fault  error
}

func (d *datum) refuse(format string, args ...any) {
	if d.bad == "" {
		d.bad = fmt.Sprintf(format, args...)
	}
}

// number reads an int or long.
func (d *datum) number() int64 {
	n, size := binary.Uvarint(d.data[d.at:])
	if size <= 0 {
		d.refuse("truncated, or a number of more than 10 bytes")
		return 0
	}
	d.at += size
	return int64(n>>1) ^ -int64(n&1)
}

// bytes reads n bytes.
func (d *datum) bytes(n int64) []byte {
	if n < 0 || n > int64(len(d.data)-d.at) {
		d.refuse("%d bytes, of which there are %d", n, len(d.data)-d.at)
		return nil
	}
	b := d.data[d.at : d.at+int(n)]
	d.at += int(n)
	return b
}

// items reads how many items come next; 0 is an array's or a map's end.
func (d *datum) items() int64 {
	n := d.number()
	if n < 0 {
		d.number() // their length in bytes
		n = -n
	}
	return n
}

// step counts units of what is being written; see freeUnits. A few bytes can say
// that there are any number of values, and a name can be of any length.
func (a *avroRun) step(units int) {
	if a.credit -= units; a.credit < 0 {
		a.look()
	}
}

// look ends the block if time is up, or if it costs too much.
func (a *avroRun) look() {
	units := lookAfter - a.credit
	a.credit = lookAfter
	switch err := a.ctx.Err(); {
	case a.fault != nil:
	case err != nil:
		a.fault = err
	case a.lost > maxTail:
		a.fault = a.corrupt("record %d is more than %d bytes longer than max_record", a.index, maxTail)
	default:
		a.fault = a.spend(int64(units))
	}
	if a.fault != nil {
		a.refuse("stopped")
	}
}

// value writes the next value; null says that it was one.
func (a *avroRun) value(t *avroType) (null bool) {
	if a.depth == maxDepth {
		a.refuse("nested more than %d deep", maxDepth)
	}
	a.step(1)
	if a.bad != "" {
		return false
	}
	if t.kind == avro.Union {
		if i := a.number(); i >= 0 && i < int64(len(t.types)) {
			return a.value(t.types[i])
		}
		a.refuse("no such member of a union")
		return false
	}
	a.depth++
	from := a.written()
	switch t.kind {
	case avro.Record:
		a.members(t)
	case avro.Array:
		a.array(t)
	case avro.Map:
		a.mapping(t)
	default:
		a.leaf(t)
	}
	a.depth--
	if t.node != nil && a.bad == "" {
		a.mark(t.node, from)
	}
	a.trim()
	return t.kind == avro.Null
}

func (a *avroRun) leaf(t *avroType) {
	var bits uint64
	var b []byte
	switch t.kind {
	case avro.Boolean:
		if b = a.bytes(1); a.bad == "" {
			bits = uint64(b[0])
		}
	case avro.Int, avro.Long:
		bits = uint64(a.number())
	case avro.Float:
		if b = a.bytes(4); a.bad == "" {
			bits = uint64(binary.LittleEndian.Uint32(b))
		}
	case avro.Double:
		if b = a.bytes(8); a.bad == "" {
			bits = binary.LittleEndian.Uint64(b)
		}
	case avro.Bytes, avro.String:
		b = a.bytes(a.number())
	case avro.Fixed:
		b = a.bytes(int64(t.size))
	case avro.Enum:
		if i := a.number(); i >= 0 && i < int64(len(t.symbols)) {
			a.step(len(t.symbols[i]) / bytesAUnit)
			a.text(t.symbols[i])
		} else {
			a.refuse("no such symbol of an enum")
		}
		return
	}
	if a.bad == "" {
		t.form(&a.rendering, bits, b)
	}
}

func (a *avroRun) members(t *avroType) {
	a.text("{")
	first := true
	for i, name := range t.names {
		from := a.written()
		if !first {
			a.text(",")
		}
		a.step(len(name) / bytesAUnit)
		a.text(name)
		if a.value(t.types[i]) && a.omit {
			a.rewind(from)
		} else {
			first = false
		}
	}
	a.text("}")
}

func (a *avroRun) array(t *avroType) {
	a.text("[")
	for first, n := true, a.items(); n > 0 && a.bad == ""; n = a.items() {
		for ; n > 0 && a.bad == ""; n-- {
			if !first {
				a.text(",")
			}
			first = false
			a.value(t.item)
		}
	}
	a.text("]")
}

func (a *avroRun) mapping(t *avroType) {
	a.text("{")
	for first, n := true, a.items(); n > 0 && a.bad == ""; n = a.items() {
		for ; n > 0 && a.bad == ""; n-- {
			if !first {
				a.text(",")
			}
			first = false
			key := a.bytes(a.number())
			a.string(key)
			a.text(":")
			a.value(t.valueOf(key))
		}
	}
	a.text("}")
}

// valueOf is the type of a key's value.
func (t *avroType) valueOf(key []byte) *avroType {
	for _, k := range t.known {
		if k.key == string(key) {
			return k.avroType
		}
	}
	return t.item
}
