package inflate_test

import (
	"bufio"
	"bytes"
	stdgzip "compress/gzip"
	"io"
	"runtime"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/klauspost/compress/gzip"

	"github.com/devo-s3/collector/cmd/collector/workload"
	"github.com/devo-s3/collector/parsers/internal/unpack/inflate"
)

// gunzips are the decoders to compare; the first is ours.
var gunzips = []struct {
	name string
	open func(in *bufio.Reader) (io.Reader, error)
}{
	{"own", func() func(*bufio.Reader) (io.Reader, error) {
		r := new(inflate.Reader)
		return func(in *bufio.Reader) (io.Reader, error) { return &members{r, in}, r.Reset(in, inflate.Gzip) }
	}()},
	{"klauspost", func() func(*bufio.Reader) (io.Reader, error) {
		r := new(gzip.Reader)
		return func(in *bufio.Reader) (io.Reader, error) { return r, r.Reset(in) }
	}()},
	{"std", func() func(*bufio.Reader) (io.Reader, error) {
		r := new(stdgzip.Reader)
		return func(in *bufio.Reader) (io.Reader, error) { return r, r.Reset(in) }
	}()},
}

// members are those of a gzip as one stream, as the others read it.
type members struct {
	*inflate.Reader
	in *bufio.Reader
}

func (m *members) Read(p []byte) (int, error) {
	n, err := m.Reader.Read(p)
	if err != io.EOF {
		return n, err
	}
	if _, err := m.in.Peek(1); err != nil {
		return n, err
	}
	return n, m.Reset(m.in, inflate.Gzip)
}

// BenchmarkGunzip has them unpack objects as AWS's services write them, in turn,
// because machines are noisy: MB/s are unpacked bytes by CPU-seconds, and the median
// of all rounds counts. Run it with -benchtime 1x -cpu 1.
func BenchmarkGunzip(b *testing.B) {
	const size, rounds = 8 << 20, 9
	for _, service := range []string{"aws_sqs_cloudtrail", "aws_sqs_vpc", "aws_sqs_alb"} {
		b.Run(service, func(b *testing.B) {
			o, err := workload.Sample(service, 2, size)
			if err != nil {
				b.Fatal(err)
			}
			in, block := bufio.NewReaderSize(nil, 32<<10), make([]byte, 256<<10)
			rates, allocated := make([][]float64, len(gunzips)), make([]uint64, len(gunzips))
			for range b.N * rounds {
				for i, d := range gunzips {
					in.Reset(bytes.NewReader(o.Body))
					before, from := mallocs(), cpu()
					r, err := d.open(in)
					if err != nil {
						b.Fatal(err)
					}
					n := drain(b, r, block)
					rates[i] = append(rates[i], float64(n)/1e6/(cpu()-from).Seconds())
					allocated[i] = mallocs() - before
				}
			}
			ours := median(rates[0])
			for i, d := range gunzips {
				rate := median(rates[i])
				b.Logf("%-10s %6.0f MB/s, %d allocations; ours is %.2f times as fast", d.name, rate, allocated[i], ours/rate)
			}
		})
	}
}

func drain(b *testing.B, r io.Reader, block []byte) (total int) {
	for {
		n, err := r.Read(block)
		total += n
		if err == io.EOF {
			return total
		}
		if err != nil {
			b.Fatal(err)
		}
	}
}

func median(of []float64) float64 {
	s := slices.Sorted(slices.Values(of))
	return s[len(s)/2]
}

func mallocs() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.Mallocs
}

// cpu is the process's CPU time.
func cpu() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
