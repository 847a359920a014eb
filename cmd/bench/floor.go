package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/klauspost/compress/gzip"

	"github.com/devo-s3/collector/account"
	"github.com/devo-s3/collector/devo"
	"github.com/devo-s3/collector/events"
	"github.com/devo-s3/collector/local"
)

var background = context.Background()

// piece is what the floor writes at a time.
const piece = 64 << 10

// floor gunzips an object and writes as many bytes as the collector did.
func floor(args []string) error {
	key, addr := args[0], args[2]
	wire, err := strconv.ParseInt(args[1], 10, 64)
	if err != nil {
		return err
	}
	var pair devo.KeyPair
	for i, to := range []*[]byte{&pair.Cert, &pair.Key, &pair.Chain} {
		if *to, err = os.ReadFile(args[3+i]); err != nil {
			return err
		}
	}
	sink, err := devo.New(devo.Config{Endpoints: []string{addr}, ID: "1", Identity: func(context.Context, bool) (devo.KeyPair, error) { return pair, nil }})
	if err != nil {
		return err
	}
	acct, err := account.New(background, account.Options{Region: "eu-west-1", Customer: "bench"})
	if err != nil {
		return err
	}
	store := acct.Store(account.Access{RoleARN: role, ExternalID: "bench-external-id"})
	before, begun := cpu(), time.Now()
	body, err := store.Open(background, events.Object{Bucket: bucket, Key: key}, 0, -1)
	if err != nil {
		return err
	}
	defer body.Close()
	conn, err := sink.Dial(background)
	if err != nil {
		return err
	}
	z, err := gzip.NewReader(body)
	if err != nil {
		return err
	}
	prebuilt := bytes.Repeat([]byte("x"), piece-1) // Write adds the line feed
	buf := make([]byte, piece)
	for unpacked := true; unpacked || wire > 0; {
		if unpacked {
			_, err := io.ReadFull(z, buf)
			unpacked = err == nil
			if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
				return err
			}
		}
		if n := min(wire, piece); n > 0 {
			if err := conn.Write(prebuilt[:n-1], nil); err != nil {
				return err
			}
			wire -= n
		}
	}
	if err := conn.Confirm(background); err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(run{CPU: cpu() - before, Wall: time.Since(begun).Seconds()})
}

// cpu is this process's CPU-seconds.
func cpu() float64 {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano()).Seconds()
}

// cpuOf is another process's CPU-seconds, in the kernel's ticks of 10 ms
// (proc_pid_stat(5)). A pid of 0, before the first start, has none.
func cpuOf(pid int) (float64, error) {
	if pid == 0 {
		return 0, nil
	}
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, err
	}
	_, after, _ := strings.Cut(string(stat), ") ")
	fields := strings.Fields(after)
	if len(fields) < 13 {
		return 0, fmt.Errorf("/proc/%d/stat: %q", pid, stat)
	}
	var ticks int64
	for _, f := range fields[11:13] { // utime, stime
		n, err := strconv.ParseInt(f, 10, 64)
		if err != nil {
			return 0, err
		}
		ticks += n
	}
	return float64(ticks) / 100, nil
}

type keyPairFiles struct{ cert, key, chain string }

// writeKeyPair issues a client's key pair and writes it into dir.
func writeKeyPair(dir string, a *local.Authority) (f keyPairFiles, err error) {
	cert, key, err := a.Client("bench")
	if err != nil {
		return f, err
	}
	f = keyPairFiles{filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem"), filepath.Join(dir, "chain.pem")}
	for path, pem := range map[string][]byte{f.cert: cert, f.key: key, f.chain: a.Chain} {
		err = errors.Join(err, os.WriteFile(path, pem, 0o600))
	}
	return f, err
}
