package adversary

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"fmt"
	"io"

	"github.com/klauspost/compress/snappy"
	"github.com/klauspost/compress/zstd"
	"github.com/pierrec/lz4/v4"
	"github.com/ulikunitz/xz"
)

// packings are bombs of lines in each packing, and what takes memory rather than
// unpacks to much: windows, one inside another, and directories.
func packings() (all []Object) {
	add := func(name string, data func() []byte) {
		all = append(all, Object{Name: name, Format: "lines", Data: data})
	}
	zeros := bytes.Repeat([]byte("\n"), 3<<20)
	for name, packer := range packers {
		add(name+" of nothing but line breaks", func() []byte { return pack(packer, zeros) })
		add(name+" within "+name+" of lines", func() []byte {
			size := 9 << 20 // more than the windows
			if name == "xz" {
				size = 1 << 20 // whose window is taken whole at once, and which takes long to pack
			}
			return pack(packer, pack(packer, noise(size)))
		})
		add(name+" four times", func() []byte {
			text := noise(64 << 10)
			for range 4 {
				text = pack(packer, text)
			}
			return text
		})
	}
	add("tar of 20,000 empty files", func() []byte {
		var out bytes.Buffer
		w := tar.NewWriter(&out)
		for i := range 20_000 {
			must(w.WriteHeader(&tar.Header{Name: fmt.Sprint(i), Typeflag: tar.TypeReg, Mode: 0o600}))
		}
		must(w.Close())
		return Gzip(out.Bytes())
	})
	add("zip of 5,000 empty files", func() []byte {
		var out bytes.Buffer
		w := zip.NewWriter(&out)
		for i := range 5_000 {
			_, err := w.Create(fmt.Sprint(i))
			must(err)
		}
		must(w.Close())
		return out.Bytes()
	})
	return all
}

var packers = map[string]func(io.Writer) (io.WriteCloser, error){
	"zstd": func(w io.Writer) (io.WriteCloser, error) {
		return zstd.NewWriter(w, zstd.WithEncoderConcurrency(1), zstd.WithWindowSize(8<<20))
	},
	"xz": func(w io.Writer) (io.WriteCloser, error) { return xz.WriterConfig{DictCap: 8 << 20}.NewWriter(w) },
	"lz4": func(w io.Writer) (io.WriteCloser, error) {
		l := lz4.NewWriter(w)
		return l, l.Apply(lz4.BlockSizeOption(lz4.Block4Mb))
	},
	"snappy": func(w io.Writer) (io.WriteCloser, error) { return snappy.NewBufferedWriter(w), nil },
}

func pack(packer func(io.Writer) (io.WriteCloser, error), data []byte) []byte {
	var out bytes.Buffer
	w, err := packer(&out)
	must(err)
	_, err = w.Write(data)
	must(err)
	must(w.Close())
	return out.Bytes()
}

// noise is n bytes of lines that nothing packs well.
func noise(n int) []byte {
	var out bytes.Buffer
	for x := uint64(1); out.Len() < n; {
		x = x*6364136223846793005 + 1442695040888963407
		fmt.Fprintf(&out, "%x\n", x)
	}
	return out.Bytes()
}
