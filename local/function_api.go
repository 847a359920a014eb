package local

import (
	"crypto/rand"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"
)

// routes is the Runtime API, 2018-06-01, of one process, below a path that this
// process alone was told: a client of the Runtime API sends no credentials, so that
// any other program of this machine could else take its events and answer them.
// https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
func (s *sandbox) routes(secret string) http.Handler {
	mux := http.NewServeMux()
	const api = "/2018-06-01/runtime/"
	mux.HandleFunc("GET "+api+"invocation/next", s.serveNext)
	mux.HandleFunc("POST "+api+"invocation/{id}/response", func(w http.ResponseWriter, r *http.Request) {
		s.serveEnd(w, r, "")
	})
	mux.HandleFunc("POST "+api+"invocation/{id}/error", func(w http.ResponseWriter, r *http.Request) {
		s.serveEnd(w, r, "Unhandled")
	})
	mux.HandleFunc("POST "+api+"init/error", s.serveInitError)
	return http.StripPrefix("/"+secret, mux)
}

func (s *sandbox) serveNext(w http.ResponseWriter, r *http.Request) {
	s.rest()
	select {
	case inv := <-s.work:
		s.take(inv)
		h := w.Header()
		h.Set("Content-Type", "application/json")
		h.Set("Lambda-Runtime-Aws-Request-Id", inv.id)
		h.Set("Lambda-Runtime-Deadline-Ms", strconv.FormatInt(time.Now().Add(inv.limit).UnixMilli(), 10))
		h.Set("Lambda-Runtime-Invoked-Function-Arn", s.opt.ARN)
		h.Set("Lambda-Runtime-Trace-Id", newTraceID())
		_, _ = w.Write(inv.payload) // a process that is gone is watch's business
	case <-r.Context().Done():
	}
}

// take starts the invocation's time.
func (s *sandbox) take(inv *invocation) {
	s.mu.Lock()
	s.timer.Stop()
	s.timer = time.AfterFunc(inv.limit, func() { s.expire(inv) })
	s.mu.Unlock()
	if s.opt.OnStart != nil {
		s.opt.OnStart(Started{RequestID: inv.id, PID: s.cmd.Process.Pid, Limit: inv.limit})
	}
}

// serveEnd takes the answer to an invocation, or the function's error.
func (s *sandbox) serveEnd(w http.ResponseWriter, r *http.Request, functionError string) {
	body, err := io.ReadAll(io.LimitReader(r.Body, PayloadLimit+1))
	if err != nil {
		return // the process went away as it wrote
	}
	s.flush()
	s.mu.Lock()
	defer s.mu.Unlock()
	inv := s.inv
	if s.measure(); s.starved {
		return // it is killed with its answer
	}
	switch {
	case inv == nil || inv.id != r.PathValue("id") || inv.over:
		refuse(w, http.StatusBadRequest, failure{"InvalidRequestID", "Invalid request ID"})
	case len(body) > PayloadLimit:
		e := failure{
			"Function.ResponseSizeTooLarge",
			fmt.Sprintf("Response payload size exceeded maximum allowed payload size (%d bytes).", PayloadLimit),
		}
		s.end(inv, outcome{payload: e.payload(), functionError: "Unhandled"})
		refuse(w, http.StatusRequestEntityTooLarge, e)
	default:
		s.end(inv, outcome{payload: body, functionError: functionError})
		accept(w)
	}
}

// serveInitError takes the error of a function that cannot start: the
// invocation that it was started for fails with it.
func (s *sandbox) serveInitError(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, PayloadLimit))
	if err != nil {
		return
	}
	s.flush()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.inv == nil {
		refuse(w, http.StatusForbidden, failure{"InvalidStateTransition", "State transition is not allowed"})
		return
	}
	s.end(s.inv, outcome{payload: body, functionError: "Unhandled"})
	accept(w)
}

func accept(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusAccepted)
	_, _ = io.WriteString(w, `{"status":"OK"}`)
}

func refuse(w http.ResponseWriter, status int, e failure) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(e.payload())
}

// newTraceID is an X-Ray header that is not sampled.
func newTraceID() string {
	var b [20]byte
	rand.Read(b[:])
	return fmt.Sprintf("Root=1-%08x-%x;Parent=%x;Sampled=0", time.Now().Unix(), b[:12], b[12:])
}
