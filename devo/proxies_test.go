//go:build proxies

package devo

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/devo-s3/collector/delivery"
)

// A proxy is a program of Debian's between us and the receiver. All but socat
// inherit the listening socket: no port is guessed, and nobody waits for a start.
type proxy struct {
	program string
	ends    bool // it terminates TLS: the receiver behind it speaks plain TCP
	// args and conf, the file that DIR/conf is, have DIR, FAR (the receiver's
	// address) and NEAR (that of the listening socket) replaced.
	args string
	conf string
	want map[string][]delivery.Kind // by receivers' names and in the order of settings
}

const (
	haproxyConf = `
defaults
  mode tcp
  timeout connect 1h
  timeout client 1h
  timeout server 1h
listen all
  bind fd@3 OPTIONS
  server far FAR
`
	haproxyTLS = "ssl crt DIR/pem ca-file DIR/ca verify required"

	nginxModule = "/usr/lib/nginx/modules/ngx_stream_module.so"
	nginxConf   = `
load_module ` + nginxModule + `;
daemon off;
worker_processes 1;
pid DIR/pid;
error_log stderr;
events { }
stream {
  server {
    listen NEAR OPTIONS
    proxy_pass FAR;
  }
}
`
	nginxTLS = `ssl;
    ssl_certificate DIR/pem;
    ssl_certificate_key DIR/pem;
    ssl_client_certificate DIR/ca;
    ssl_verify_client on;`
	nginxHalf = `
    proxy_half_close on;`

	stunnelConf = `
foreground = yes
pid =
syslog = no
debug = warning
[all]
accept = NEAR
connect = FAR
cert = DIR/pem
CAfile = DIR/ca
verifyChain = yes
`
)

var proxies = map[string]proxy{
	"haproxy":                {"haproxy", false, "-db -f DIR/conf", with(haproxyConf, ""), passesOn},
	"socat":                  {"socat", false, "-d -d TCP-LISTEN:0,bind=127.0.0.1,fork TCP:FAR", "", passesOn},
	"nginx":                  {"nginx", false, "-c DIR/conf", with(nginxConf, ";"), passesOn},
	"nginx, half-close":      {"nginx", false, "-c DIR/conf", with(nginxConf, ";"+nginxHalf), passesOn},
	"haproxy, TLS":           {"haproxy", true, "-db -f DIR/conf", with(haproxyConf, haproxyTLS), terminates},
	"stunnel":                {"stunnel", true, "DIR/conf", stunnelConf, terminates},
	"nginx, TLS":             {"nginx", true, "-c DIR/conf", with(nginxConf, nginxTLS), neverNotifies},
	"nginx, TLS, half-close": {"nginx", true, "-c DIR/conf", with(nginxConf, nginxTLS+nginxHalf), neverNotifies},
}

// with puts what a listening socket does with TLS into a configuration.
func with(conf, options string) string { return strings.Replace(conf, "OPTIONS", options, 1) }

// listening is what socat says to -d -d.
var listening = regexp.MustCompile(`listening on AF=2 (\S+)`)

// start runs the proxy in front of a receiver, until the test ends, and returns its
// address. Without the program the test is skipped; in CI it fails.
func (p proxy) start(t *testing.T, receiver string) string {
	program, err := exec.LookPath(p.program)
	if err != nil {
		program, err = exec.LookPath("/usr/sbin/" + p.program)
	}
	if err == nil && p.program == "nginx" {
		_, err = os.Stat(nginxModule)
	}
	switch {
	case err != nil && os.Getenv("CI") == "true":
		t.Fatal(err)
	case err != nil:
		t.Skip("for want of a program:", err)
	}
	dir, l := t.TempDir(), must(net.Listen("tcp", "127.0.0.1:0"))
	defer l.Close()
	put := strings.NewReplacer("DIR", dir, "FAR", receiver, "NEAR", l.Addr().String()).Replace
	for name, content := range map[string][]byte{
		"conf": []byte(put(p.conf)), "ca": trusted.pem, "pem": append(bytes.Clone(endpoint.Cert), endpoint.Key...),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	// nginx and stunnel are told of the socket by the environment.
	run := exec.Command("sh", append([]string{"-c", `NGINX='3;' LISTEN_FDS=1 LISTEN_PID=$$ exec "$0" "$@"`, program}, strings.Fields(put(p.args))...)...)
	socket := must(l.(*net.TCPListener).File())
	defer socket.Close()
	run.ExtraFiles = []*os.File{socket}
	run.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	said := must(run.StderrPipe())
	if err := run.Start(); err != nil {
		t.Fatal(err)
	}
	port, over := make(chan string, 1), make(chan bool)
	var log strings.Builder
	go func() {
		defer close(over)
		for lines := bufio.NewScanner(said); lines.Scan(); {
			log.WriteString(lines.Text() + "\n")
			if at := listening.FindStringSubmatch(lines.Text()); at != nil {
				select {
				case port <- at[1]:
				default: // it says so before each connection
				}
			}
		}
	}()
	t.Cleanup(func() {
		_ = syscall.Kill(-run.Process.Pid, syscall.SIGKILL) // and what it forked
		<-over
		_ = run.Wait()
		if t.Failed() {
			t.Log(log.String())
		}
	})
	if p.program != "socat" {
		return l.Addr().String()
	}
	select {
	case at := <-port:
		return at
	case <-over:
		t.Fatal("socat did not listen")
		return ""
	}
}

// receivers are what a program behind a proxy does with a connection. One that dies
// has read nothing, so that its kernel sends a reset.
var receivers = map[string]func(c net.Conn, tcp *net.TCPConn){
	"good":            func(c net.Conn, _ *net.TCPConn) { _, _ = io.Copy(io.Discard, c); c.Close() },
	"dies early":      func(_ net.Conn, tcp *net.TCPConn) { peek(tcp, func(b []byte) bool { return len(b) > 0 }) },
	"dies at the end": func(_ net.Conn, tcp *net.TCPConn) { peek(tcp, endsInAlert) },
}

// endsInAlert reports whether the last thing in b is a TLS 1.3 record that holds an
// alert, here close_notify: 2 bytes, the type, 16 of the cipher (RFC 8446 5.2, 6).
func endsInAlert(b []byte) bool {
	return bytes.HasPrefix(b[max(0, len(b)-24):], []byte{23, 3, 3, 0, 19})
}

// peek looks at what has arrived, without reading it, until enough says so or a FIN
// has arrived too.
func peek(c *net.TCPConn, enough func(b []byte) bool) {
	raw, b := must(c.SyscallConn()), make([]byte, 64<<10)
	for done := false; !done; after(time.Millisecond) {
		err := raw.Control(func(fd uintptr) {
			poll := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLRDHUP}}
			_, _ = unix.Poll(poll, 0)
			n, _, _ := unix.Recvfrom(int(fd), b, unix.MSG_PEEK|unix.MSG_DONTWAIT)
			done = poll[0].Revents != 0 || enough(b[:max(0, n)])
		})
		done = done || err != nil
	}
}

// A backend is what a proxy passes connections on to.
type backend struct {
	addr string
	next chan string // what the next connection meets: a name of receivers
	met  chan bool   // its handshake is over
}

func newBackend(t *testing.T, plain bool) *backend {
	l := must(net.Listen("tcp", "127.0.0.1:0"))
	b := &backend{l.Addr().String(), make(chan string, 1), make(chan bool, 1)}
	var running sync.WaitGroup
	running.Go(func() {
		for {
			tcp, err := l.Accept()
			if err != nil {
				return
			}
			running.Go(func() {
				defer tcp.Close()
				c := tcp
				if !plain {
					far := tls.Server(tcp, far(tls.VersionTLS13))
					if err := far.HandshakeContext(t.Context()); err != nil {
						t.Error(err)
						return
					}
					c = far
				}
				b.met <- true
				receivers[<-b.next](c, tcp.(*net.TCPConn))
			})
		}
	})
	t.Cleanup(func() {
		l.Close()
		running.Wait()
	})
	return b
}

// What becomes of an attempt, besides the kinds of errors.
const (
	read = delivery.Kind("confirmed")
	lost = delivery.Kind("confirmed, and no program had read it")
)

// settings are the columns of the tables below. Without confirm there are two:
// before and after the first close_notify.
var settings = []string{"notified", "after", "before", "closed", "drained"}

// A proxy that passes TLS on, one that terminates it, and one that does so and never
// sends close_notify. What is lost is what docs/security.md says of each.
var (
	passesOn = map[string][]delivery.Kind{
		"good":            {read, read, read, read, read},
		"dies early":      slices.Repeat([]delivery.Kind{delivery.DevoUnavailable}, 5),
		"dies at the end": {delivery.Unnotified, delivery.Unnotified, lost, lost, lost},
	}
	terminates = map[string][]delivery.Kind{
		"good":            {read, read, read, read, read},
		"dies early":      slices.Repeat([]delivery.Kind{delivery.DevoUnavailable}, 5),
		"dies at the end": {lost, lost, lost, lost, lost},
	}
	neverNotifies = map[string][]delivery.Kind{
		"good":            {delivery.Unnotified, delivery.Unnotified, read, read, read},
		"dies early":      slices.Repeat([]delivery.Kind{delivery.DevoUnavailable}, 5),
		"dies at the end": {delivery.Unnotified, delivery.Unnotified, lost, lost, lost},
	}
)

func TestProxies(t *testing.T) {
	for name, test := range proxies {
		t.Run(name, func(t *testing.T) {
			b := newBackend(t, test.ends)
			addr := test.start(t, b.addr)
			for receiver, row := range test.want {
				for i, setting := range settings {
					t.Run(receiver+"/"+setting, func(t *testing.T) {
						b.next <- receiver
						err := through(t, addr, setting, b.met, receiver == "dies early")
						if want := row[i]; want != read && want != lost {
							wantKind(t, err, want)
						} else if err != nil {
							t.Fatal(err)
						}
					})
				}
			}
		})
	}
}

// through has a record confirmed through a proxy, if ended after it has ended the
// connection. No time passes meanwhile.
func through(t *testing.T, addr, setting string, met <-chan bool, ended bool) error {
	s := newSink(t, func(c *Config) {
		switch setting {
		case "after":
			c.Memory = &memory{known: map[string]bool{addr: true}}
		case "before":
			c.Memory = &memory{known: map[string]bool{}}
		default:
			c.Confirm = setting
		}
	}, addr)
	s.now = func() time.Time { return time.Unix(0, 0) }
	c := dial(t, s)
	<-met
	write(t, c, strings.Repeat("x", 10<<10))
	push(t, c)
	if ended {
		<-c.ended
	}
	return c.Confirm(t.Context())
}
