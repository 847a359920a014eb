package local

import (
	"crypto/md5"
	"encoding/binary"
	"encoding/hex"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// A messageAttribute is one that the producer gave the message.
type messageAttribute struct {
	DataType    string // String, Number or Binary, and perhaps .label
	StringValue string `json:",omitempty"`
	BinaryValue []byte `json:",omitempty"`
}

// attributesNamed selects by All, a name, or a prefix that ends in .*
func (m *message) attributesNamed(names []string) map[string]messageAttribute {
	selected := maps.Clone(m.attributes)
	maps.DeleteFunc(selected, func(name string, _ messageAttribute) bool {
		return !slices.ContainsFunc(names, func(want string) bool {
			prefix, isPrefix := strings.CutSuffix(want, ".*")
			return want == "All" || want == name || isPrefix && strings.HasPrefix(name, prefix)
		})
	})
	return selected
}

// systemAttributes are what SQS knows of the message.
func (m *message) systemAttributes(names []string) map[string]string {
	all := map[string]string{
		"ApproximateReceiveCount":          strconv.Itoa(m.receives),
		"ApproximateFirstReceiveTimestamp": strconv.FormatInt(m.first.UnixMilli(), 10),
		"SentTimestamp":                    strconv.FormatInt(m.sent.UnixMilli(), 10),
		"SenderId":                         m.sender,
	}
	if m.source != "" {
		all["DeadLetterQueueSourceArn"] = m.source
	}
	if !slices.Contains(names, "All") {
		maps.DeleteFunc(all, func(name, _ string) bool { return !slices.Contains(names, name) })
	}
	return all
}

// attributesMD5 is the digest of a set of attributes; "" for none
// (https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-message-metadata.html#sqs-attributes-md5-message-digest-calculation).
func attributesMD5(attributes map[string]messageAttribute) string {
	if len(attributes) == 0 {
		return ""
	}
	sum := md5.New()
	write := func(b []byte) {
		sum.Write(binary.BigEndian.AppendUint32(nil, uint32(len(b))))
		sum.Write(b)
	}
	for _, name := range slices.Sorted(maps.Keys(attributes)) {
		a := attributes[name]
		write([]byte(name))
		write([]byte(a.DataType))
		if strings.HasPrefix(a.DataType, "Binary") {
			sum.Write([]byte{2})
			write(a.BinaryValue)
			continue
		}
		sum.Write([]byte{1})
		write([]byte(a.StringValue))
	}
	return hex.EncodeToString(sum.Sum(nil))
}
