{{/* The files of the Secret that the pods see: of each the key. */}}
{{- define "daybook.natsFiles" -}}
{{- range $file, $key := .Values.nats.secretKeys }}
{{- if $key }}
{{ kebabcase $file }}: {{ $key | quote }}
{{- end }}
{{- end }}
{{- end }}

{{/* The options of the engine jetstream, as environment variables. */}}
{{- define "daybook.natsEnv" -}}
{{- with .Values.nats -}}
- {name: DAYBOOK_NATS_URL, value: {{ .url | quote }}}
{{- with .monitorUrls }}
- {name: DAYBOOK_NATS_MONITOR_URLS, value: {{ join "," . | quote }}}
{{- end }}
- {name: DAYBOOK_NATS_PREFIX, value: {{ .prefix | quote }}}
- {name: DAYBOOK_NATS_REPLICAS, value: {{ .replicas | quote }}}
- {name: DAYBOOK_NATS_TIMEOUT, value: {{ .timeout }}}
{{- if .allowWeakerDurability }}
- {name: DAYBOOK_ALLOW_WEAKER_DURABILITY, value: "true"}
{{- end }}
{{- with .user }}
- {name: DAYBOOK_NATS_USER, value: {{ . | quote }}}
{{- end }}
{{- with .nkey }}
- {name: DAYBOOK_NATS_NKEY, value: {{ . }}}
{{- end }}
{{- end }}
{{- range $file, $key := include "daybook.natsFiles" . | fromYaml }}
- {name: DAYBOOK_NATS_{{ $file | upper | replace "-" "_" }}_FILE, value: /etc/daybook-nats/{{ $file }}}
{{- end }}
{{- end }}

{{/* What the pods have to reach, as rules of a NetworkPolicy: they are about ports, for names and addresses of NATS are not known. */}}
{{- define "daybook.natsEgress" -}}
{{- $ports := list -}}
{{- range concat (splitList "," .Values.nats.url) .Values.nats.monitorUrls -}}
  {{- $ports = append $ports (regexFind ":[0-9]+$" . | trimPrefix ":" | default "4222") -}}
{{- end -}}
- ports:
    - {protocol: UDP, port: 53}
    - {protocol: TCP, port: 53}
- ports:
    {{- range uniq $ports }}
    - {protocol: TCP, port: {{ . }}}
    {{- end }}
{{- end }}
