package local

import (
	"bufio"
	"encoding/hex"
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"
)

// orphans are the numbers of the open connections whose client has no process
// any more: a socket that was closed, by its process or by the process's
// death, has no inode in the kernel's table, or has left it.
// See Documentation/networking/proc_net_tcp.rst in the Linux kernel.
func (r *Receiver) orphans() (map[int64]bool, error) {
	owned, err := ownedSockets()
	if err != nil {
		return nil, err
	}
	left := make(map[int64]bool)
	for _, c := range r.Conns() {
		if c.End == "" && !owned[c.Remote] {
			left[c.ID] = true
		}
	}
	return left, nil
}

// ownedSockets is the local address of each TCP socket that a process holds.
func ownedSockets() (map[string]bool, error) {
	table, err := os.Open("/proc/net/tcp")
	if err != nil {
		return nil, err
	}
	defer func() { _ = table.Close() }()
	owned := make(map[string]bool)
	lines := bufio.NewScanner(table)
	lines.Scan() // the heading
	for lines.Scan() {
		// sl local_address rem_address st tx:rx tr:when retrnsmt uid timeout inode …
		fields := strings.Fields(lines.Text())
		if len(fields) < 10 {
			return nil, fmt.Errorf("/proc/net/tcp: %q", lines.Text())
		}
		if fields[9] == "0" {
			continue
		}
		address, err := socketAddress(fields[1])
		if err != nil {
			return nil, fmt.Errorf("/proc/net/tcp: %w", err)
		}
		owned[address] = true
	}
	return owned, lines.Err()
}

// socketAddress reads `0100007F:1F90`, the address being in the machine's byte
// order, which is little-endian wherever this runs.
func socketAddress(field string) (string, error) {
	host, port, _ := strings.Cut(field, ":")
	ip, err := hex.DecodeString(host)
	if err != nil || len(ip) != net.IPv4len {
		return "", fmt.Errorf("address %q", field)
	}
	n, err := strconv.ParseUint(port, 16, 16)
	if err != nil {
		return "", fmt.Errorf("port %q", field)
	}
	return fmt.Sprintf("%d.%d.%d.%d:%d", ip[3], ip[2], ip[1], ip[0], n), nil
}
