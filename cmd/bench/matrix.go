package main

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
)

// A run is one measurement of one side.
type run struct {
	CPU  float64 `json:"cpu_seconds"`
	Wall float64 `json:"wall_seconds"`
}

// A row is the result of one case. On one core its rates and ratio are by the
// sender's CPU-second, on more by the second of wall time. There are two floors:
// with our own gunzip, and with klauspost's.
type row struct {
	Case         string  `json:"case"`
	Size         int64   `json:"size"` // unpacked bytes of one object
	Cores        int     `json:"cores"`
	MBps         float64 `json:"mb_per_s"` // unpacked
	FloorMBps    float64 `json:"floor_mb_per_s"`
	Ratio        float64 `json:"ratio"`
	OldFloorMBps float64 `json:"klauspost_floor_mb_per_s"`
	OldRatio     float64 `json:"klauspost_ratio"`
	AllocsPer    float64 `json:"allocs_per_record"`
	RSSMiB       float64 `json:"rss_mib"`
	TenRSSMiB    float64 `json:"rss_mib_ten_in_flight,omitempty"`
	WireMBps     float64 `json:"wire_mb_per_s"`
	RecordsPer   float64 `json:"records_per_s"`
	CPUPerGB     float64 `json:"cpu_s_per_gb"`
	CPUPerObject float64 `json:"cpu_ms_per_object"`
	CPURatio     float64 `json:"cpu_ratio"`
	OldCPURatio  float64 `json:"klauspost_cpu_ratio"`
	WallMBps     float64 `json:"wall_mb_per_s"`
}

// A matrix is what to compare with the floor.
type matrix struct {
	cases        []string
	sizes, cores []int
	runs         int
	bootstrap    string
}

// measure prints a row as soon as it is known, and writes all to out.
func (m matrix) measure(out string) error {
	if len(m.cases) == 0 {
		return nil
	}
	rows := []row{}
	fmt.Printf("%-11s %8s %5s %8s %8s %6s %9s %6s %8s %11s %9s %9s %8s %8s %8s\n", "case", "size", "cores", "MB/s", "floor",
		"ratio", "klauspost", "ratio", "wire", "records/s", "CPU-s/GB", "ms/object", "allocs", "RSS MiB", "ten")
	for _, name := range m.cases {
		s, err := sampleNamed(name)
		if err != nil {
			return err
		}
		allocs, err := allocsPerRecord(s)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		for _, size := range m.sizes {
			o, err := s.make(size)
			if err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
			for _, cores := range m.cores {
				r, err := m.row(s, o, cores)
				if err != nil {
					return fmt.Errorf("%s, %d bytes: %w", name, size, err)
				}
				r.Size, r.AllocsPer = int64(size), allocs
				rows = append(rows, r)
				r.print()
			}
		}
	}
	b, err := json.MarshalIndent(rows, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(out, append(b, '\n'), 0o644)
}

func (r row) print() {
	size := fmt.Sprintf("%d KiB", r.Size>>10)
	if r.Size >= 1<<20 {
		size = fmt.Sprintf("%d MiB", r.Size>>20)
	}
	ten := "-"
	if r.TenRSSMiB > 0 {
		ten = fmt.Sprintf("%.1f", r.TenRSSMiB)
	}
	fmt.Printf("%-11s %8s %5d %8.1f %8.1f %6.2f %9.1f %6.2f %8.1f %11.0f %9.2f %9.2f %8.2f %8.1f %8s\n", r.Case, size, r.Cores, r.MBps, r.FloorMBps,
		r.Ratio, r.OldFloorMBps, r.OldRatio, r.WireMBps, r.RecordsPer, r.CPUPerGB, r.CPUPerObject, r.AllocsPer, r.RSSMiB, ten)
}

// much is how many unpacked bytes make a run long enough to be measured, most
// how many objects it may take.
const (
	much = 64 << 20
	most = 200
)

// row compares the collector and the floors on copies of one object.
func (m matrix) row(s sample, o *object, cores int) (row, error) {
	site, err := newSite(m.bootstrap, cores)
	if err != nil {
		return row{}, err
	}
	defer site.close()
	warm, err := site.warm(s)
	if err != nil {
		return row{}, err
	}
	n := int(min(max(much/o.size, 1), most))
	var collectors []run
	floors := make(map[string][]run)
	var wire int64
	for i := range m.runs {
		keys, err := site.put(fmt.Sprintf("run-%d", i), o, n)
		if err != nil {
			return row{}, err
		}
		before := site.receiver.Counts().Bytes
		c, err := site.collector(keys, batch)
		if err != nil {
			return row{}, err
		}
		wire = (site.receiver.Counts().Bytes - before) / int64(n)
		collectors = append(collectors, c)
		for _, gunzip := range []string{floorOwn, floorKlauspost} {
			f, err := site.floor(gunzip, append(warm, keys...), wire)
			if err != nil {
				return row{}, err
			}
			floors[gunzip] = append(floors[gunzip], f)
		}
	}
	r := row{Case: s.name, Cores: cores, RSSMiB: float64(site.function.PeakRSS()) / (1 << 20)}
	r.fill(o, n, wire, floors[floorOwn], floors[floorKlauspost], collectors)
	if cores == 1 && o.size > much {
		r.TenRSSMiB, err = site.ten(o)
	}
	return r, err
}

func (r *row) fill(o *object, n int, wire int64, floors, old, collectors []run) {
	seconds := func(x run) float64 { return x.Wall }
	if r.Cores == 1 {
		seconds = run.cpu
	}
	ratio := func(of func(run) float64, floors []run) float64 {
		var all []float64
		for i := range floors {
			all = append(all, of(floors[i])/of(collectors[i]))
		}
		return median(all)
	}
	rate := func(of int64, by func(run) float64, runs []run) float64 {
		var all []float64
		for _, x := range runs {
			all = append(all, float64(of)*float64(n)/by(x))
		}
		return median(all)
	}
	r.MBps, r.FloorMBps = rate(o.size, seconds, collectors)/1e6, rate(o.size, seconds, floors)/1e6
	r.Ratio, r.CPURatio = ratio(seconds, floors), ratio(run.cpu, floors)
	r.OldFloorMBps, r.OldRatio, r.OldCPURatio = rate(o.size, seconds, old)/1e6, ratio(seconds, old), ratio(run.cpu, old)
	r.WireMBps, r.RecordsPer = rate(wire, seconds, collectors)/1e6, rate(o.records, seconds, collectors)
	r.CPUPerGB = 1e9 / rate(o.size, run.cpu, collectors)
	r.CPUPerObject = 1e3 / rate(1, run.cpu, collectors)
	r.WallMBps = rate(o.size, func(x run) float64 { return x.Wall }, collectors) / 1e6
}

func (r run) cpu() float64 { return r.CPU }

func median(of []float64) float64 {
	s := slices.Sorted(slices.Values(of))
	return s[len(s)/2]
}

// warm makes the function's first calls, so that they are not measured.
func (s *site) warm(of sample) (keys []string, err error) {
	o, err := of.make(1000)
	if err != nil {
		return nil, err
	}
	if keys, err = s.put("warm", o, batch); err != nil {
		return nil, err
	}
	return keys[:1:1], s.invoke(keys)
}

// ten delivers ten objects side by side in one invocation of a fresh process,
// and gives the most memory that was resident.
func (s *site) ten(o *object) (mib float64, err error) {
	if err := s.fresh(); err != nil {
		return 0, err
	}
	keys, err := s.put("ten", o, 10)
	if err != nil {
		return 0, err
	}
	err = s.invoke(keys)
	return float64(s.function.PeakRSS()) / (1 << 20), err
}
