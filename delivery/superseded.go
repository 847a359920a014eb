package delivery

// replacedLimit is how often one message follows an object that is overwritten
// again and again. Then it goes back to its queue: whoever writes so often will
// do it again, and each write has a notification of its own.
const replacedLimit = 3

// A replaced object was overwritten before its last record was read.
type replaced struct {
	obj     *object // nil if it was overwritten before it was opened
	driven  bool
	version string // the version wanted; "" if the notification named none
}

// replace has a target stand for what its key holds now, whatever that is. Its
// records are delivered from the first on, under an identity that comes from
// S3's response, so that the ledger knows the newer object when its own
// notification arrives. The error is the target's end: this happened too often.
func (t *target) replace() *Error {
	t.replaced = append(t.replaced, replaced{t.obj, t.driven, t.pinned().ETag})
	t.obj, t.driven = nil, false
	if len(t.replaced) > replacedLimit {
		return Fail(Throttled, "s3://%s/%s was overwritten %d times while it was delivered: it may be written more often than it can be read",
			t.want.Bucket, t.want.Key, len(t.replaced))
	}
	t.want.ETag, t.want.VersionID, t.want.Size = "", "", -1
	return nil
}

// supersede takes an overwritten object from all targets that stood for it. The
// same bytes may come back under the same key: then they are another object of
// this run, and the ledger says where to go on. Under run.mu.
func (r *run) supersede(o *object) {
	delete(r.objects, o.id)
	for _, m := range o.messages {
		for _, t := range m.targets {
			if t.obj != o {
				continue
			}
			if err := t.replace(); err != nil {
				t.state, t.err = Failed, err
			}
		}
	}
}
