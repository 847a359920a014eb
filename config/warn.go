package config

import (
	"fmt"
	"net"
	"regexp"
	"slices"
	"strings"
)

// warnings are what a file that somebody else wrote could use to have one
// customer's logs, or another's secret, go astray. Each may be meant.
func (r *reader) warnings(c *Config) Mistakes {
	own := &reader{file: r.file, lines: r.lines, nodes: r.nodes, unread: r.unread}
	if c.Devo.Secret != "" {
		own.warnOfSecret("devo.secret", c, c.Devo.Secret)
	}
	for i, q := range c.Queues {
		if q.Keys != "" {
			own.warnOfSecret(fmt.Sprintf("queues[%d].keys", i), c, q.Keys)
		}
	}
	for i, endpoint := range c.Devo.Endpoints {
		if c.Devo.Sink != "relay" && !isDevo(endpoint) {
			own.wrongAt(fmt.Sprintf("devo.endpoints[%d]", i), "warning: %s is no address of Devo's; make sure that the logs are to go there", endpoint)
		}
	}
	return own.mistakes.sorted()
}

func (r *reader) warnOfSecret(path string, c *Config, secret string) {
	name := strings.TrimPrefix(arn(c.secretARN(secret)).Resource, "secret:")
	if want := "devo-s3-collector/" + c.Customer; !strings.HasPrefix(name, want) {
		r.wrongAt(path, "warning: the secret's name does not begin with %s; make sure that it is this customer's", want)
	}
}

// randomEnd is what Secrets Manager adds to a name in its ARN.
var randomEnd = regexp.MustCompile(`-[A-Za-z0-9]{6}$`)

// secretARN is the ARN of a secret by name or ARN, without the random characters
// at its end.
func (c *Config) secretARN(nameOrARN string) string {
	if strings.HasPrefix(nameOrARN, "arn:") {
		return randomEnd.ReplaceAllString(nameOrARN, "")
	}
	return ARN{c.Partition(), "secretsmanager", c.Region, c.Account, "secret:" + nameOrARN}.String()
}

// domains are those of Devo's addresses.
var domains = []string{".devo.io", ".devo.com", ".logtrust.net", ".logtrust.com"}

func isDevo(endpoint string) bool {
	host, _, err := net.SplitHostPort(endpoint)
	return err == nil && slices.ContainsFunc(domains, func(d string) bool { return strings.HasSuffix(strings.ToLower(host), d) })
}
