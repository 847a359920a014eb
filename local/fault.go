package local

import (
	"cmp"
	"context"
	"net"
	"net/http"
	"time"
)

// A FaultRequest is a call, signed by a key that the account knows, before
// it is carried out.
type FaultRequest struct {
	Service string // s3, sqs, sts, secretsmanager, dynamodb, lambda
	Action  string // the API call: GetObject, ReceiveMessage, AssumeRole, …
	Bucket  string // S3 only
	Key     string // S3 only
	Caller  string // ARN of the role or session
	Range   string // the request's Range header
	Body    string // the payload; "" for S3
}

// A FaultResponse is what goes wrong with a call.
type FaultResponse struct {
	// Status and Code are answered instead of carrying the call out, in the
	// service's own protocol (503 "SlowDown"). Status 0 carries it out.
	Status int
	Code   string
	// Message is what the answer says; "" names the code.
	Message string
	// Delay comes before everything else; real time.
	Delay time.Duration
	// CutBodyAfter breaks the connection after that many bytes of the
	// answer's body; 0 leaves it whole. The call is carried out.
	CutBodyAfter int64
	// Drop breaks the connection before the answer begins. The call is carried out.
	Drop bool
	// OnCut is called when either breaks it: an answer that is shorter is not cut.
	OnCut func()
	// Reset makes that break a TCP reset; else the connection is closed, and
	// the body is shorter than its length.
	Reset bool
	// RateBytesPerSecond slows the answer's body down; 0 does not.
	RateBytesPerSecond int64
}

// SetFault has every call shown to hook, from many goroutines; nil lets it
// pass. SetFault(nil) ends all faults.
func (a *Account) SetFault(hook func(FaultRequest) *FaultResponse) {
	if hook == nil {
		a.fault.Store(nil)
		return
	}
	a.fault.Store(&hook)
}

// faulty asks the hook about a call: the answer may be a refusal, or go
// through another ResponseWriter.
func (a *Account) faulty(w http.ResponseWriter, r *http.Request, service, action string, body []byte, who caller) (http.ResponseWriter, *refusal) {
	hook := a.fault.Load()
	if hook == nil {
		return w, nil
	}
	q := FaultRequest{Service: service, Action: action, Caller: who.ARN, Range: r.Header.Get("Range"), Body: string(body)}
	if service == "s3" {
		call := s3Call(r)
		q.Bucket, q.Key = call.bucket, call.key
	}
	f := (*hook)(q)
	if f == nil {
		return w, nil
	}
	wait(r.Context(), f.Delay)
	if f.Status != 0 {
		return w, &refusal{status: f.Status, code: f.Code, message: cmp.Or(f.Message, "injected fault: "+f.Code)}
	}
	if f.CutBodyAfter == 0 && f.RateBytesPerSecond == 0 && !f.Drop {
		return w, nil
	}
	return &slowWriter{ResponseWriter: w, ctx: r.Context(), cut: f.CutBodyAfter, drop: f.Drop, reset: f.Reset, onCut: f.OnCut, rate: f.RateBytesPerSecond}, nil
}

// A slowWriter writes a body in pieces, at a rate, or only its beginning.
type slowWriter struct {
	http.ResponseWriter
	ctx           context.Context
	written, rate int64
	cut           int64
	drop, reset   bool
	onCut         func()
}

// WriteHeader comes when the call was carried out.
func (w *slowWriter) WriteHeader(status int) {
	if w.drop {
		w.abort()
	}
	w.ResponseWriter.WriteHeader(status)
}

// abort breaks the connection.
func (w *slowWriter) abort() {
	if w.onCut != nil {
		w.onCut()
	}
	if w.reset {
		resetConn(http.NewResponseController(w.ResponseWriter))
	}
	panic(http.ErrAbortHandler)
}

func (w *slowWriter) Write(p []byte) (int, error) {
	if w.drop {
		w.abort()
	}
	done := 0
	for done < len(p) {
		piece := p[done:]
		if w.rate > 0 {
			piece = piece[:min(int64(len(piece)), max(w.rate/50, 1))]
		}
		if w.cut > 0 {
			piece = piece[:min(int64(len(piece)), w.cut-w.written)]
		}
		n, err := w.ResponseWriter.Write(piece)
		done += n
		w.written += int64(n)
		if err != nil {
			return done, err
		}
		if w.cut > 0 && w.written >= w.cut {
			// The client has what was written before the connection breaks.
			_ = http.NewResponseController(w.ResponseWriter).Flush()
			w.abort()
		}
		if w.rate > 0 {
			_ = http.NewResponseController(w.ResponseWriter).Flush()
			wait(w.ctx, time.Duration(n)*time.Second/time.Duration(w.rate))
		}
	}
	return done, nil
}

// resetConn breaks the connection under a response. One that cannot be had is
// closed by whoever ends the handler.
func resetConn(c *http.ResponseController) {
	conn, _, err := c.Hijack()
	if err != nil {
		return
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = conn.Close()
}

// wait is over after d, or when the client is gone.
func wait(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}
