package workload

import (
	"bytes"
	"fmt"
)

// A Plan says what to invent.
type Plan struct {
	Seed    uint64
	Objects int // good ones; at least one of every service
	// Records is about how many records there are in all, the one big object
	// apart.
	Records int
	// Buckets are used in turn. Foreign is one that the deployment does not
	// list.
	Buckets []string
	Foreign string
}

// bigObject is the unpacked size in bytes of the one big object, slowObject
// that of the slow one.
const (
	bigObject  = 104 << 20
	slowObject = 2 << 20
)

// averageRecord is about the size in bytes of an invented record.
const averageRecord = 400

// Generate invents the plan's objects, one at a time, until yield returns false. The same
// plan gives the same objects.
func (p Plan) Generate(yield func(*Object) bool) {
	g := newGenerator(p.Seed)
	emit := func(o *Object) bool {
		if o.Bucket == "" {
			o.Bucket = pick(g.Rand, p.Buckets)
		}
		return yield(o)
	}
	mean := max(p.Records/max(p.Objects, 1), 1) * averageRecord
	for i := range p.Objects {
		s := services[i%len(services)]
		size := int(float64(mean) * g.ExpFloat64())
		switch i {
		case 0:
			size = bigObject
		case 5:
			size = slowObject
		case 11:
			size = 0
		}
		o := s.make(g, size)
		o.Service, o.Slow = s.name, i == 5
		if !emit(o) {
			return
		}
		if bad := p.bad(g, i); bad != nil && !emit(bad) {
			return
		}
	}
}

// bad is a damaged or unwanted object, a few of each kind in every plan.
func (p Plan) bad(g *generator, i int) *Object {
	if i%7 != 3 {
		return nil
	}
	switch i / 7 % 6 {
	case 0: // the second member of a gzip object is cut: the first can be read
		o := g.alb(2000)
		o.Service, o.Kind = "aws_sqs_alb", "corrupt"
		o.Body = append(o.Body, gzipped([]byte("never seen\n"))[:12]...)
		return o
	case 1: // a JSON array is cut between two records: those before can be read
		account, region, at := g.place()
		d := &draft{}
		d.WriteString(`{"Records":[`)
		for range 20 {
			d.add("cloud.aws.cloudtrail.events."+account+"."+region, g.cloudTrailRecord(account, region, at))
			d.WriteByte(',')
		}
		return &Object{
			Service: "aws_sqs_cloudtrail", Kind: "corrupt", records: d.records,
			Key: fmt.Sprintf("AWSLogs/%s/CloudTrail/%s/%s/%s_CloudTrail_%s_%s_%s.json.gz", account, region,
				at.Format("2006/01/02"), account, region, at.Format("20060102T1504Z"), g.hex(16)),
			Body: bytes.Clone(d.Bytes()),
		}
	case 2:
		o := g.vpc(500)
		o.Service, o.Kind, o.Missing, o.records = "aws_sqs_vpc", "not_found", true, nil
		return o
	case 3:
		return &Object{Service: "none", Kind: "no_source", Key: "unheard-of/" + g.hex(8) + ".bin", Body: []byte("x")}
	case 4:
		o := g.elb(500)
		o.Service, o.Bucket, o.Kind, o.records = "aws_sqs_elb", p.Foreign, "not_allowed", nil
		return o
	default: // random bytes where a JSON array should be
		o := g.cloudTrail(10)
		o.Service, o.Kind, o.records = "aws_sqs_cloudtrail", "corrupt", nil
		o.Body = gzipped([]byte(g.hex(16) + g.hex(16)))
		return o
	}
}

// Sample is one object of a service with about size unpacked bytes.
func Sample(name string, seed uint64, size int) (*Object, error) {
	for _, s := range services {
		if s.name == name {
			return s.make(newGenerator(seed), size), nil
		}
	}
	return nil, fmt.Errorf("no objects of service %q can be invented", name)
}
