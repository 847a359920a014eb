package config

// direct is the kind of a queue whose messages are records themselves.
const direct = "direct"

// checkDirect checks what a queue has whose messages name no objects.
func (r *reader) checkDirect(q *Queue, path string) {
	for _, key := range []string{"buckets", "role_arn", "external_id", "delivery"} {
		if r.has(path + "." + key) {
			r.wrongAt(path+"."+key, "a direct queue's messages are the records, and there are no objects to read; leave %s out", key)
		}
	}
	if q.Makes("reader") {
		r.wrongAt(path+".make", "a direct queue needs no reader; leave it out")
	}
	if len(q.Sources) > 1 {
		r.wrongAt(path+".sources[1]", "a direct queue has one source, since there are no keys to choose by; leave the others out")
	}
	if len(q.Sources) > 0 {
		if s := q.Sources[0]; s.Members() != nil {
			r.wrongAt(path+".sources[0]", "source %s stands for others, and there are no keys to choose by; list one of those", s.Name())
		}
		if values := q.Sources[0].ObjectValues(); len(values) > 0 {
			r.wrongAt(path+".sources[0]", "a direct queue's records have no key and no object, and the source reads %s; take values of the record", values[0])
		}
	}
}
