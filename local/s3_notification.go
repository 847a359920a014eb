package local

import (
	"cmp"
	"encoding/xml"
	"fmt"
	"net/http"
	"slices"
)

// A notificationConfiguration is a bucket's, as S3 has it
// (https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketNotificationConfiguration.html).
type notificationConfiguration struct {
	XMLName     xml.Name         `xml:"http://s3.amazonaws.com/doc/2006-03-01/ NotificationConfiguration"`
	Topics      []notificationTo `xml:"TopicConfiguration"`
	Queues      []notificationTo `xml:"QueueConfiguration"`
	EventBridge *struct{}        `xml:"EventBridgeConfiguration"`
}

type notificationTo struct {
	ID     string   `xml:"Id"`
	Topic  string   `xml:"Topic,omitempty"`
	Queue  string   `xml:"Queue,omitempty"`
	Events []string `xml:"Event"`
	Rules  []struct {
		Name, Value string
	} `xml:"Filter>S3Key>FilterRule"`
}

func (s *s3Service) getNotifications(w http.ResponseWriter, bucket string) {
	b := s.store.bucket(bucket)
	s.store.mu.RLock()
	notifications := b.notifications
	s.store.mu.RUnlock()
	var out notificationConfiguration
	for i, n := range notifications {
		to := notificationTo{ID: fmt.Sprintf("notification-%d", i), Events: n.Events}
		for name, value := range map[string]string{"prefix": n.Prefix, "suffix": n.Suffix} {
			if value != "" {
				to.Rules = append(to.Rules, struct{ Name, Value string }{name, value})
			}
		}
		switch n.Via {
		case ViaEventBridge:
			out.EventBridge = &struct{}{}
		case ViaSQS:
			to.Queue = n.Queue
			out.Queues = append(out.Queues, to)
		default:
			to.Topic = n.Topic
			out.Topics = append(out.Topics, to)
		}
	}
	writeQuery(w, http.StatusOK, out)
}

// putNotifications replaces all that the bucket has. What lies behind a topic or
// EventBridge is what Notify once made.
func (s *s3Service) putNotifications(w http.ResponseWriter, r *http.Request, bucket string) {
	var in notificationConfiguration
	if err := xml.NewDecoder(r.Body).Decode(&in); err != nil {
		badRequest("MalformedXML", err.Error()).writeS3(w, r)
		return
	}
	b := s.store.bucket(bucket)
	var all []Notification
	for _, to := range slices.Concat(in.Queues, in.Topics) {
		n, ok := b.behind(to)
		if ok && n.Via != ViaEventBridge && n.open() {
			at := s.account.clock.Now()
			ok = s.account.sqs.deliver(n.Queue, n.carried(testEvent(b, at), at)) == nil
		}
		if !ok {
			badRequest("InvalidArgument", "Unable to validate the following destination configurations: "+cmp.Or(to.Queue, to.Topic)).writeS3(w, r)
			return
		}
		all = append(all, n)
	}
	s.store.mu.Lock()
	defer s.store.mu.Unlock()
	if in.EventBridge != nil {
		for _, n := range b.ways {
			if n.Via == ViaEventBridge {
				all = append(all, n)
			}
		}
	}
	b.notifications = all
}

// behind is the whole way that begins with to.
func (b *s3Bucket) behind(to notificationTo) (n Notification, ok bool) {
	n = Notification{Queue: to.Queue, Via: ViaSQS, Version: "2.5"}
	if to.Topic != "" {
		i := slices.IndexFunc(b.ways, func(way Notification) bool { return way.Topic == to.Topic && way.Via != ViaSQS })
		if i < 0 {
			return n, false
		}
		n = b.ways[i]
	}
	n.Events, n.Prefix, n.Suffix = to.Events, "", ""
	for _, rule := range to.Rules {
		if rule.Name == "prefix" || rule.Name == "Prefix" {
			n.Prefix = rule.Value
		} else {
			n.Suffix = rule.Value
		}
	}
	return n, true
}
