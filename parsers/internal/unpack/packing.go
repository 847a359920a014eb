package unpack

// A Packing is how bytes are compressed or archived, once that is known.
type Packing string

// The packings, found by magic number and never by name. What follows the last
// member, frame or stream:
//
//   - gzip (https://www.rfc-editor.org/rfc/rfc1952): zeros and white space, also
//     between two members.
//   - zstd (https://www.rfc-editor.org/rfc/rfc8878): the same. Skippable frames
//     are skipped; one in front makes an object zstd. No dictionaries.
//   - bzip2 (https://sourceware.org/bzip2/): nothing.
//   - snappy, framed
//     (https://github.com/google/snappy/blob/main/framing_format.txt): nothing.
//     The format has no end, so that one cut between two chunks is whole.
//   - lz4 (https://github.com/lz4/lz4/blob/dev/doc/lz4_Frame_format.md): as
//     zstd. No dictionaries. Legacy frames, of 8 MiB blocks, have no end either.
//   - zlib (https://www.rfc-editor.org/rfc/rfc1950), by its two checkable bytes
//     and a trial: as gzip. Deflate alone
//     (https://www.rfc-editor.org/rfc/rfc1951) has no checksum, and nothing but
//     zeros and white space may follow.
//   - brotli (https://www.rfc-editor.org/rfc/rfc7932): nothing. It and deflate
//     have nothing to be known by but the object's Content-Encoding.
//   - snappy in snappy-java's frames ("xerial",
//     https://github.com/xerial/snappy-java) and in Hadoop's blocks, and a block
//     alone: nothing. Only the last of the three has an end.
//   - LZMA (https://www.7-zip.org/sdk.html): nothing.
//   - xz (https://tukaani.org/xz/xz-file-format.txt): zeros, a multiple of four.
//     The only filter is LZMA2.
//   - tar (https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html),
//     ustar, pax and GNU: zeros, or another archive. One without a block of
//     zeros at its end is truncated. The oldest kind has no magic number, but a
//     checksum. One of no files is plain; so is one whose first name has a line
//     break.
//   - zip (https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT): what is
//     not in its directory is passed over.
//
// All else is plain. An object that ends within a magic number has that packing,
// and is truncated, unless what there is of it may be text.
const (
	Sniff  Packing = ""
	Plain  Packing = "plain"
	Gzip   Packing = "gzip"
	Zstd   Packing = "zstd"
	Bzip2  Packing = "bzip2"
	Snappy Packing = "snappy"
	LZ4    Packing = "lz4"
	Xz     Packing = "xz"
	Tar    Packing = "tar"
	Zip    Packing = "zip"

	Zlib      Packing = "zlib"
	Deflate   Packing = "deflate"
	Brotli    Packing = "brotli"
	Xerial    Packing = "xerial snappy"
	Hadoop    Packing = "hadoop snappy"
	RawSnappy Packing = "raw snappy"
	LegacyLZ4 Packing = "legacy lz4"
	LZMA      Packing = "lzma"
)

// Restartable says whether reading can begin again in the midst of such an
// object.
func (p Packing) Restartable() bool { return p == Plain || p == Gzip || p == Zstd }

// magics are the bytes that packings begin with, each between those of low and
// high.
var magics = []struct {
	packing   Packing
	low, high string
}{
	{Gzip, "\x1f\x8b", "\x1f\x8b"},
	{Zstd, "\x28\xb5\x2f\xfd", "\x28\xb5\x2f\xfd"},
	{Zstd, "\x50\x2a\x4d\x18", "\x5f\x2a\x4d\x18"}, // a skippable frame
	{Bzip2, "BZh11AY&SY", "BZh91AY&SY"},
	{Bzip2, "BZh1\x17\x72\x45\x38\x50\x90", "BZh9\x17\x72\x45\x38\x50\x90"}, // of nothing
	{Snappy, "\xff\x06\x00\x00sNaPpY", "\xff\x06\x00\x00sNaPpY"},
	{LZ4, "\x04\x22\x4d\x18", "\x04\x22\x4d\x18"},
	{Xz, "\xfd7zXZ\x00", "\xfd7zXZ\x00"},
	{LegacyLZ4, legacyMagic, legacyMagic},
	{Xerial, xerialMagic, xerialMagic},
	{Zip, "PK\x03\x04", "PK\x03\x04"},
	{Zip, "PK\x05\x06", "PK\x05\x06"}, // of nothing
}

// A tar's magic number is not at its beginning.
const (
	tarName    = 100 // bytes of the first file's name, at 0
	tarMode    = 8   // bytes of its mode, behind the name
	tarMagic   = 257 // where the magic number is
	tarDecided = tarMagic + len("ustar  \x00")
)

func between(b []byte, low, high string) bool {
	for i, c := range b {
		if c < low[i] || c > high[i] {
			return false
		}
	}
	return true
}

// maybeText says whether the beginning of a magic number may be meant as text.
func maybeText(b []byte) bool {
	for _, c := range b {
		if c < ' ' || c > '~' {
			return false
		}
	}
	return len(b) < len("BZh1")
}

// isMode says whether b is a file's mode as a tar writes it.
func isMode(b []byte) bool {
	for _, c := range b[:len(b)-2] {
		if c != ' ' && (c < '0' || c > '7') {
			return false
		}
	}
	return b[len(b)-1] == 0
}
