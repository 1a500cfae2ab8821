{{/* The pod's template, for whatever workload the engine asks for. */}}
{{- define "daybook.pod" -}}
{{- $metrics := default 8080 .Values.metrics.port -}}
{{- $annotations := dict -}}
{{- if .Values.config -}}
  {{- $_ := set $annotations "checksum/config" (include "daybook.config" . | sha256sum) -}}
{{- end -}}
{{- if eq .Values.metrics.scrape "annotations" -}}
  {{- $_ := set $annotations "prometheus.io/scrape" "true" -}}
  {{- $_ := set $annotations "prometheus.io/port" (toString $metrics) -}}
  {{- $_ := set $annotations "prometheus.io/path" "/metrics" -}}
{{- end -}}
metadata:
  labels:
    {{- merge (include "daybook.selector" . | fromYaml) .Values.podLabels .Values.commonLabels | toYaml | nindent 4 }}
  {{- with merge (deepCopy .Values.podAnnotations) $annotations }}
  annotations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
spec:
  {{- with .Values.imagePullSecrets }}
  imagePullSecrets:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  serviceAccountName: {{ include "daybook.serviceAccountName" . }}
  automountServiceAccountToken: false
  # Variables named after Services are of no use here, and one per Service of the namespace.
  enableServiceLinks: false
  {{- with .Values.priorityClassName }}
  priorityClassName: {{ . }}
  {{- end }}
  terminationGracePeriodSeconds: {{ include "daybook.gracePeriodSeconds" . }}
  securityContext:
    {{- toYaml .Values.podSecurityContext | nindent 4 }}
  containers:
    - name: daybook
      image: {{ include "daybook.image" . | quote }}
      imagePullPolicy: {{ .Values.image.pullPolicy }}
      args:
        {{- concat (list "serve") (ternary (list "--maintenance") list .Values.maintenance) .Values.args | toYaml | nindent 8 }}
      env:
        - {name: DAYBOOK_ENGINE, value: {{ .Values.engine }}}
        {{- if eq .Values.engine "jetstream" }}
        {{- include "daybook.natsEnv" . | nindent 8 }}
        {{- else }}
        - {name: DAYBOOK_DATA_DIR, value: /var/lib/daybook}
        {{- end }}
        - {name: DAYBOOK_LISTEN_ADDRESS, value: ":8080"}
        {{- if .Values.metrics.port }}
        - {name: DAYBOOK_METRICS_ADDRESS, value: ":{{ .Values.metrics.port }}"}
        {{- end }}
        {{- if .Values.access.existingSecret }}
        - {name: DAYBOOK_TOKEN_FILE, value: /etc/daybook-access/tokens}
        {{- if .Values.access.protectMetrics }}
        - {name: DAYBOOK_PROTECT_METRICS, value: "true"}
        {{- end }}
        {{- end }}
        - {name: DAYBOOK_DRAIN_DELAY, value: {{ include "daybook.drainDelay" . }}}
        - {name: DAYBOOK_DRAIN_TIMEOUT, value: {{ .Values.drain.timeout }}}
        {{- if include "daybook.configMapName" . }}
        - {name: DAYBOOK_CONFIG, value: /etc/daybook/daybook.toml}
        {{- end }}
        {{- with .Values.env }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
      {{- with .Values.envFrom }}
      envFrom:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      ports:
        - {name: http, containerPort: 8080}
        {{- if .Values.metrics.port }}
        - {name: metrics, containerPort: {{ .Values.metrics.port }}}
        {{- end }}
      # None of these restarts a pod that recovers or whose disk is full: /healthz asks the process alone.
      startupProbe:
        httpGet: {path: /healthz, port: http}
        {{- toYaml .Values.probes.startup | nindent 8 }}
      livenessProbe:
        httpGet: {path: /healthz, port: http}
        {{- toYaml .Values.probes.liveness | nindent 8 }}
      readinessProbe:
        httpGet: {path: /readyz, port: http}
        {{- toYaml .Values.probes.readiness | nindent 8 }}
      {{- with .Values.resources }}
      resources:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      securityContext:
        {{- toYaml .Values.securityContext | nindent 8 }}
      {{- with include "daybook.volumeMounts" . | fromYamlArray }}
      volumeMounts:
        {{- toYaml . | nindent 8 }}
      {{- end }}
  {{- with include "daybook.volumes" . | fromYamlArray }}
  volumes:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.nodeSelector }}
  nodeSelector:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.tolerations }}
  tolerations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.affinity }}
  affinity:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with include "daybook.topologySpreadConstraints" . | fromYamlArray }}
  topologySpreadConstraints:
    {{- range . }}
    {{- $pods := dict "matchLabels" (include "daybook.selector" $ | fromYaml) }}
    {{- ternary . (set (deepCopy .) "labelSelector" $pods) (hasKey . "labelSelector") | list | toYaml | nindent 4 }}
    {{- end }}
  {{- end }}
{{- end }}

{{/* Of the pods of one version, or a new one's would keep away from the nodes of those that they replace. */}}
{{- define "daybook.topologySpreadConstraints" -}}
{{- if and (kindIs "invalid" .Values.topologySpreadConstraints) (eq .Values.engine "jetstream") -}}
- maxSkew: 1
  topologyKey: kubernetes.io/hostname
  whenUnsatisfiable: ScheduleAnyway
  matchLabelKeys: [pod-template-hash]
{{- else -}}
{{- default list .Values.topologySpreadConstraints | toYaml -}}
{{- end -}}
{{- end }}

{{- define "daybook.volumeMounts" -}}
{{- if eq .Values.engine "disk" }}
- {name: data, mountPath: /var/lib/daybook}
{{- end }}
{{- if include "daybook.configMapName" . }}
- {name: config, mountPath: /etc/daybook, readOnly: true}
{{- end }}
{{- if .Values.access.existingSecret }}
# The folder, since a single file would never change.
- {name: access, mountPath: /etc/daybook-access, readOnly: true}
{{- end }}
{{- if and (eq .Values.engine "jetstream") .Values.nats.existingSecret }}
- {name: nats, mountPath: /etc/daybook-nats, readOnly: true}
{{- end }}
{{- with .Values.volumeMounts }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "daybook.volumes" -}}
{{- with include "daybook.configMapName" . }}
- name: config
  configMap: {name: {{ . }}}
{{- end }}
{{- if .Values.access.existingSecret }}
- name: access
  secret:
    secretName: {{ .Values.access.existingSecret }}
    # fsGroup makes the process one of the group.
    defaultMode: 0440
    items: [{key: {{ .Values.access.key | quote }}, path: tokens}]
{{- end }}
{{- if and (eq .Values.engine "jetstream") .Values.nats.existingSecret }}
- name: nats
  secret:
    secretName: {{ .Values.nats.existingSecret }}
    # fsGroup makes the process one of the group.
    defaultMode: 0440
    items:
      {{- range $file, $key := include "daybook.natsFiles" . | fromYaml }}
      - {key: {{ $key | quote }}, path: {{ $file }}}
      {{- end }}
{{- end }}
{{- with .Values.volumes }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/* The configuration file, from values: TOML writes strings, numbers, true and false as JSON does. */}}
{{- define "daybook.config" -}}
{{- range $option, $value := .Values.config -}}
{{ $option }} = {{ toJson $value }}
{{ end -}}
{{- end }}
