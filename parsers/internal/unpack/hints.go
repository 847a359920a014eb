package unpack

import (
	"slices"
	"strings"
)

// codings are the values of Content-Encoding
// (https://www.iana.org/assignments/http-parameters) that say how an object is
// packed.
var codings = map[string]Packing{
	"gzip": Gzip, "x-gzip": Gzip, "zstd": Zstd, "deflate": Deflate, "br": Brotli,
}

// hints are the packings that a Content-Encoding names, the outermost first. The
// header lists them as they were applied. What it names beside them, such as
// identity and S3's own aws-chunked, says nothing of the bytes.
func hints(contentEncoding string) (named []Packing) {
	for coding := range strings.SplitSeq(contentEncoding, ",") {
		if p, ok := codings[strings.ToLower(strings.TrimSpace(coding))]; ok {
			named = append(named, p)
		}
	}
	slices.Reverse(named)
	return named
}

// believe returns the packing of what begins with head. found is what its bytes
// show, which no header can change; only brotli and deflate, which show nothing,
// are taken from the object's Content-Encoding, and not where the bytes cannot
// be that.
func (r *Reader) believe(found Packing, head []byte, whole bool) Packing {
	for len(r.hints) > 0 {
		hint := r.hints[0]
		if found != Plain {
			if hint == found || hint == Deflate && found == Zlib {
				r.hints = r.hints[1:]
			}
			return found
		}
		r.hints = r.hints[1:]
		switch {
		case len(head) == 0:
		case hint == Brotli && likely(tryReader(brotliTrial(head)), head, whole),
			hint == Deflate && likely(deflateTrial(head), head, whole):
			return hint
		}
	}
	return found
}
