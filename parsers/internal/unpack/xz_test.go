package unpack

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"strings"
	"testing"

	"github.com/ulikunitz/xz/lzma"
)

// An xzParts is a stream of one block, part by part. Its checksums are right,
// whatever the parts say.
type xzParts struct {
	text             string
	packedIs         int64 // in the block's header; -1 is not there
	plainIs          int64
	blockPad         byte
	blocks           uint64 // in the index
	morePacked, more int64  // added to the sizes in the index
	indexPad         byte
	moreIndex        uint32 // added to the size of the index in the footer
	footerFlags      byte
}

func checksum(b []byte) []byte {
	return binary.LittleEndian.AppendUint32(nil, crc32.ChecksumIEEE(b))
}

func padded(b []byte, with byte) []byte {
	return append(b, bytes.Repeat([]byte{with}, -len(b)&3)...)
}

// lzma2 packs a text.
func lzma2(t *testing.T, text string) []byte {
	t.Helper()
	var out bytes.Buffer
	w, err := lzma.Writer2Config{DictCap: 1 << 16}.NewWriter2(&out)
	if err == nil {
		_, err = w.Write([]byte(text))
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// write is of https://tukaani.org/xz/xz-file-format.txt.
func (p xzParts) write(t *testing.T) []byte {
	t.Helper()
	payload := lzma2(t, p.text)
	head := []byte{0, 0}
	if p.packedIs >= 0 {
		head[1] |= 0x40
		head = binary.AppendUvarint(head, uint64(p.packedIs))
	}
	if p.plainIs >= 0 {
		head[1] |= 0x80
		head = binary.AppendUvarint(head, uint64(p.plainIs))
	}
	head = padded(append(head, lzma2Filter, 1, 8), 0) // a dictionary of 64 KiB
	head[0] = byte(len(head) / 4)
	head = append(head, checksum(head)...)
	unpadded := len(head) + len(payload) + 4

	flags := []byte{0, 1} // CRC-32
	out := append([]byte(xzMagic), flags...)
	out = append(out, checksum(flags)...)
	out = append(append(out, head...), padded(payload, p.blockPad)...)
	out = append(out, checksum([]byte(p.text))...)
	index := binary.AppendUvarint([]byte{0}, p.blocks)
	index = binary.AppendUvarint(index, uint64(int64(unpadded)+p.morePacked))
	index = padded(binary.AppendUvarint(index, uint64(int64(len(p.text))+p.more)), p.indexPad)
	index = append(index, checksum(index)...)
	footer := binary.LittleEndian.AppendUint32(nil, uint32(len(index)/4-1)+p.moreIndex)
	footer = append(footer, 0, p.footerFlags)
	return append(append(append(append(out, index...), checksum(footer)...), footer...), xzFooter...)
}

// TestXzIsHeldToItsSizes: what a stream says twice must be the same twice, and its
// padding must be zeros.
func TestXzIsHeldToItsSizes(t *testing.T) {
	text := strings.Repeat("a line of a log\n", 20)
	whole := xzParts{text: text, packedIs: -1, plainIs: -1, blocks: 1, footerFlags: 1}
	packed := int64(len(lzma2(t, text)))
	for name, c := range map[string]struct {
		change func(*xzParts)
		want   string // in the error; "" is none
	}{
		"as it is":                         {func(*xzParts) {}, ""},
		"with its sizes":                   {func(p *xzParts) { p.packedIs, p.plainIs = packed, int64(len(text)) }, ""},
		"another packed size":              {func(p *xzParts) { p.packedIs = packed + 1 }, "a block's size is not what its header says"},
		"another size":                     {func(p *xzParts) { p.plainIs = int64(len(text)) + 1 }, "a block's size is not what its header says"},
		"a smaller size":                   {func(p *xzParts) { p.plainIs = int64(len(text)) - 1 }, "a block's size is not what its header says"},
		"padding of a block":               {func(p *xzParts) { p.blockPad = 1 }, "padding of a block"},
		"two blocks in the index":          {func(p *xzParts) { p.blocks = 2 }, "number of blocks in the index"},
		"no blocks in the index":           {func(p *xzParts) { p.blocks = 0 }, "number of blocks in the index"},
		"another packed size in the index": {func(p *xzParts) { p.morePacked = 1 }, "sizes of blocks in the index"},
		"another size in the index":        {func(p *xzParts) { p.more = 1 }, "sizes of blocks in the index"},
		"padding of the index":             {func(p *xzParts) { p.indexPad = 1 }, "padding of the index"},
		"a longer index in the footer":     {func(p *xzParts) { p.moreIndex = 1 }, "size of the index"},
		"another check in the footer":      {func(p *xzParts) { p.footerFlags = 4 }, "footer of a stream"},
	} {
		p := whole
		c.change(&p)
		got := unpackAll(t, bytes.NewReader(p.write(t)), Options{})
		if c.want == "" && (got.err != nil || got.text() != text) {
			t.Errorf("%s: %d bytes, %v", name, len(got.text()), got.err)
		}
		if c.want != "" && (got.err == nil || !strings.Contains(got.err.Error(), c.want)) {
			t.Errorf("%s: %v, want %q", name, got.err, c.want)
		}
	}
}
