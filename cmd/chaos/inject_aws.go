package main

import (
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"github.com/devo-s3/collector/cmd/collector/stack"
	"github.com/devo-s3/collector/local"
)

// fault is the account's hook.
func (in *injector) fault(q local.FaultRequest) *local.FaultResponse {
	if strings.HasPrefix(q.Caller, stack.WatchRole) {
		return nil
	}
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.off {
		return nil
	}
	switch q.Service + " " + q.Action {
	case "s3 GetObject":
		return in.s3(q)
	case "sts AssumeRole":
		if f := in.call(stsThrottled, http.StatusBadRequest, "Throttling"); f != nil {
			return f
		}
		return in.cut(stsCut)
	case "dynamodb GetItem", "dynamodb PutItem", "dynamodb UpdateItem":
		f := in.call(ledgerThrottled, http.StatusBadRequest, "ProvisionedThroughputExceededException")
		if f != nil {
			in.books.refused(itemOf(q.Body), in.living(20*time.Second))
			return f
		}
		return in.cut(ledgerCut)
	case "sqs DeleteMessageBatch", "sqs ChangeMessageVisibility":
		if f := in.call(sqsExpired, http.StatusBadRequest, "ReceiptHandleIsInvalid"); f != nil {
			return f
		}
		return in.cut(sqsCut)
	case "sqs SendMessage":
		return in.cut(sqsCut)
	case "sqs ReceiveMessage":
		return in.cut(sqsReceiveCut)
	}
	return nil
}

// emptyAnswer is longer than an answer to ReceiveMessage without messages.
const emptyAnswer = 64

// cut has the answer to a call that is carried out be lost, or its body be cut. It is
// one answer: the next try gets its own, so that nothing may come again for it. Under mu.
func (in *injector) cut(k kind) *local.FaultResponse {
	if len(in.waiting[k]) == 0 {
		return nil
	}
	f := &local.FaultResponse{Drop: len(in.waiting[k])%2 == 0, CutBodyAfter: 1, Reset: len(in.waiting[k])%3 == 0}
	if k == sqsReceiveCut {
		f.Drop, f.CutBodyAfter = false, emptyAnswer
	}
	f.OnCut = func() {
		in.mu.Lock()
		defer in.mu.Unlock()
		if s := in.next(k); s != nil {
			in.meet(s, true)
		}
	}
	return f
}

// call refuses a call of those that are to fail.
func (in *injector) call(k kind, status int, code string) *local.FaultResponse {
	f := in.failing[k]
	if f == nil || f.over() {
		return nil
	}
	f.left--
	if !f.met && in.books.inFlight() {
		f.met = true
		in.met[k]++
	}
	return &local.FaultResponse{Status: status, Code: code}
}

// itemOf is the item that a request to DynamoDB is about, as far as its names
// tell.
func itemOf(body string) map[string]any {
	type text struct{ S string }
	var in struct{ Key, Item map[string]text }
	_ = json.Unmarshal([]byte(body), &in) // a number is no text: what is said of it is left out
	item := make(map[string]any)
	for _, m := range []map[string]text{in.Key, in.Item} {
		for name, value := range m {
			item[name] = value.S
		}
	}
	return item
}

// s3 lets a strike meet an object, and then as many calls for it as it wants:
// so that more fail than are tried.
func (in *injector) s3(q local.FaultRequest) *local.FaultResponse {
	name := q.Bucket + "/" + q.Key
	s := in.objects[name]
	if s == nil {
		if s = in.next(s3SlowDown, s3Error, s3Reset, s3Short); s == nil {
			return in.overwrite(q)
		}
		copied := *s // what is left of it
		s = &copied
		in.objects[name] = s
		in.meet(s, true)
	}
	if s.Count--; s.Count <= 0 {
		delete(in.objects, name)
	}
	switch s.Kind {
	case s3SlowDown:
		return &local.FaultResponse{Status: http.StatusServiceUnavailable, Code: "SlowDown"}
	case s3Error:
		return &local.FaultResponse{Status: http.StatusInternalServerError, Code: "InternalError"}
	}
	return &local.FaultResponse{CutBodyAfter: 1 + s.Size%4096, Reset: s.Kind == s3Reset}
}

// overwrite replaces an object of a bucket without versions while it is read:
// the rest of the body is not to be had any more.
func (in *injector) overwrite(q local.FaultRequest) *local.FaultResponse {
	if len(in.waiting[s3Overwritten]) == 0 {
		return nil // looking for the object takes longer
	}
	o := in.find(q.Bucket, q.Key)
	if o == nil {
		return nil
	}
	s := in.next(s3Overwritten)
	if s == nil {
		return nil
	}
	in.meet(s, true)
	time.AfterFunc(20*time.Millisecond, func() { in.replace(o) })
	return &local.FaultResponse{CutBodyAfter: 4096, RateBytesPerSecond: 64 << 10}
}
